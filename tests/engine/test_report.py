"""The report and the fragments for notebooks: whole, escaped, without anything to fetch, and with every figure of the decision."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conggao.engine import Decision, Engine
from conggao.engine.decision import Filing, Plan
from conggao.engine.labels import amount, money
from conggao.engine.report import comparison_html, decision_html, report_html
from conggao.engine.report.changes import rows
from conggao.engine.report.content import content_of
from conggao.engine.report.telling import findings
from conggao.engine.report.words import WORDS
from conggao.engine.whatif import compare, whatif
from conggao.facts.diagnostics import Lang
from conggao.facts.loading import load_case, read_case
from conggao.facts.models import Case
from tests.agreement import cases
from tests.engine.rulebook.pages import engine as engine_of
from tests.engine.rulebook.pages import measure, page

VOID = {"meta", "br"}
LANGS: tuple[Lang, Lang] = ("zh", "en")
RD = "subject: enterprise\nlines: [research_expense]\nwhen: [上年度.研发费用 > 0 元]\n"
SPENT: dict[str, Any] = {"reports": [{"year": 2024, "rd_expense": "1000 万元"}]}


class Parsed(HTMLParser):
    """A document read strictly: every element is closed in its order, every attribute quoted and given once."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = self.style = ""
        self.sections: dict[str, str] = {}
        self._section = ""
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section" and dict(attrs).get("id"):
            self._section = str(dict(attrs)["id"])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
            return
        self.text += data
        self.sections[self._section] = self.sections.get(self._section, "") + data
        if self.open and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.seen}


@pytest.fixture(scope="module")
def case(engine: Engine, sample: Path) -> Case:
    return load_case(sample, engine.vocabulary)


@pytest.fixture(scope="module")
def levels() -> Engine:
    """A region that pays a rate, a city whose rate an office decides, and a policy that has ended."""
    region = page("region-1", measure("a", RD + "pay: 4% * 上年度.研发费用"))
    city = page(
        "city-1",
        measure("b", RD + "pay: between(1%, 10%) * 上年度.研发费用"),
        measure("c", RD + "pay: 3% * 上年度.研发费用\nexcludes: [b]"),
        level="city",
    )
    ended = page(
        "city-0", measure("z", RD + "pay: 9% * 上年度.研发费用"), level="city", in_force="2020-01-01 .. 2021-12-31"
    )
    return engine_of(region, city, ended)


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_holds_every_figure_of_the_decision(engine: Engine, case: Case, lang: Lang) -> None:
    decision = engine.decide(case, lang=lang)
    parsed = Parsed(report_html(decision, engine))
    assert parsed.seen[0][:1] == ("html",)
    assert parsed.seen[0][1]["lang"] == ("zh-CN" if lang == "zh" else "en")
    plan, totals, reasons = (parsed.sections[name] for name in ("plan", "totals", "reasons"))
    granted = [item for item in decision.outcomes if item.status == "granted"]
    assert len(granted) > 10
    for item in granted:
        assert amount(item.amount, lang) in plan
        assert amount(item.amount, lang) in reasons
        for text in (item.clause, *item.interpretation, *item.notes, *(step.text for step in item.steps)):
            assert text in reasons, text
        for found in findings(item.conditions):
            assert found.text in reasons
    for total in decision.totals.values():
        assert amount(total, lang) in totals
    law = engine.rulebooks.policies[0]
    for text in (law.number, law.title.of(lang), law.page.sha256, str(decision.as_of)):
        assert text in parsed.text
    assert law.measures[0].block.restatement in reasons, "the clause in words"
    assert "银川示例装备制造有限公司" in parsed.text
    for item in decision.outcomes:
        assert item.title in parsed.text, "nothing is dropped silently"


@pytest.mark.parametrize("lang", LANGS)
def test_claims_stand_in_the_order_of_the_plan(levels: Engine, lang: Lang) -> None:
    decision = levels.decide(SPENT, as_of="2025-03-01", engine="exact", lang=lang)
    assert decision.plan is not None
    parsed = Parsed(report_html(decision, levels))
    filed = [row for row in parsed.rows if row and row[0].isdecimal()]
    assert [int(row[0]) for row in filed] == [item.order for item in decision.plan.claim]
    assert [row[-1] for row in filed] == [amount(item.amount, lang) for item in decision.plan.claim]


def test_what_an_office_decides_and_what_is_left(levels: Engine) -> None:
    """4% of the region is sure; the city's rate runs from 1% to 10%, and from 4% on it is the better one."""
    decision = levels.decide(SPENT, as_of="2025-03-01", engine="exact", lang="en")
    found = {item.measure: item.status for item in decision.outcomes}
    assert found == {
        "region-1/a": "granted", "city-1/b": "contingent", "city-1/c": "superseded", "city-0/z": "not_in_force",
    }  # fmt: skip
    parsed = Parsed(report_html(decision, levels))
    (office,) = [row for row in parsed.rows if row[0] == "b b"]
    assert office[2] == "contingent"
    assert "it could add CNY 0.00 – 600,000.00 to the plan" in office[3]
    assert office[4] == "0.00 – 600,000.00"
    (left,) = [row for row in parsed.rows if row[0] == "c c"]
    assert left[3] == "in favour of region-1/a; claiming it instead brings CNY 100,000.00 less in all", (
        "3% against 4%, said once"
    )
    assert "is outside 2020-01-01 to 2021-12-31" in parsed.sections["elsewhere"]
    assert "z z" in parsed.sections["elsewhere"]


@pytest.mark.parametrize(
    ("rate", "lang", "said"),
    [
        ("4%", "en", "the better choice from a granted rate of 4% (CNY 400,000.00) on"),
        (None, "en", "the better choice from an amount of CNY 400,000.00 on"),
        ("4%", "zh", "核定比例达到 4%（即 400,000.00 元）起，改报此项更优"),
        (None, "zh", "核定金额达到 400,000.00 元起，改报此项更优"),
    ],
)
def test_a_break_even_is_told_with_its_rate(levels: Engine, rate: str | None, lang: Lang, said: str) -> None:
    decision = levels.decide(SPENT, as_of="2025-03-01", engine="exact", lang=lang)
    plan = decision.plan
    assert plan is not None
    (filing,) = (item for item in plan.discretion if item.measure == "city-1/b")
    known = Filing.of({**filing.__dict__, "break_even": Decimal("400000.00"), "rate": rate})
    decision.__dict__["plan"] = Plan.of({**plan.__dict__, "discretion": (known,)})
    (office,) = [row for row in Parsed(report_html(decision, levels)).rows if row[0] == "b b"]
    assert said in office[3]
    assert "region-1/a" in office[3], "what it then takes the place of"
    assert office[3].count("更优") + office[3].count("better") == 1


NAIVE: list[tuple[dict[str, Any], Lang, str]] = [
    ({"naive": 1000000, "gain": 800000}, "zh", "有把握的只有 1,000,000.00 元；此方案多 800,000.00 元"),
    (
        {"naive": 1000000, "gain": 800000},
        "en",
        "only CNY 1,000,000.00 sure for the enterprise; this plan brings CNY 800,000.00",
    ),
    ({"proven": True}, "zh", "已证明为最优"),
    ({"proven": False, "bound": 1900000}, "zh", "未证明没有更好的；最多不超过 1,900,000.00 元"),
    ({"proven": False, "bound": 1900000}, "en", "not proven that none is better, but none exceeds CNY 1,900,000.00"),
    ({"proven": False, "bound": None}, "en", "not proven that none is better."),
]


@pytest.mark.parametrize(("changed", "lang", "said"), NAIVE)
def test_what_choosing_line_by_line_loses_and_what_is_proven(
    levels: Engine, changed: dict[str, Any], lang: Lang, said: str
) -> None:
    decision = levels.decide(SPENT, as_of="2025-03-01", engine="exact", lang=lang)
    plan = decision.plan
    assert plan is not None
    values = {
        key: Decimal(value).quantize(Decimal("0.01")) if type(value) is int else value for key, value in changed.items()
    }
    decision.__dict__["plan"] = Plan.of({**plan.__dict__, **values})
    text = Parsed(report_html(decision, levels)).sections["plan"]
    assert said in text
    assert ("line by line" in text or "逐项" in text) == ("gain" in changed), (
        "where nothing is lost, nothing is said of it"
    )


def test_any_decision_makes_a_sound_page(everything: Engine) -> None:
    """Random cases hug every threshold and leave facts out; the page of each parses and has all its money and all that is missing."""
    for seed in range(60):
        lang = LANGS[seed % 2]
        stated = read_case(cases.generate(seed), everything.vocabulary)
        decision = everything.decide(stated, engine="exact", lang=lang)
        text = report_html(decision, everything)
        assert text == report_html(everything.decide(stated, engine="exact", lang=lang), everything), "the same bytes"
        parsed = Parsed(text)
        for item in decision.outcomes:
            if item.status in ("granted", "contingent"):
                assert amount(item.amount, lang) in parsed.sections["plan"], seed
            for path in item.missing:
                assert path in parsed.sections["missing"], seed
        Parsed(decision_html(decision))


def test_what_an_answer_would_bring_is_what_a_decision_says(engine: Engine, case: Case) -> None:
    decision = engine.decide(case, engine="exact")
    told = {item.path: item.brings for item in content_of(decision, engine).openings}
    assert told["recognitions.city_cloud_benchmark.year"] == "取决于数值"
    gain = whatif(engine, case, set=["projects.P2.targets_verified=true"]).gain
    assert gain > 0
    assert told["projects.P2.targets_verified"] == f"若为“是”：企业 +{money(gain, 'zh')}"
    seen = 0
    for seed in range(80):
        stated = read_case(cases.generate(seed), engine.vocabulary)
        decided = engine.decide(stated, engine="exact")
        for item in content_of(decided, engine).openings:
            answer = {"若为“是": "true", "若为“否": "false"}.get(item.brings[:4])
            if answer is not None:
                after = whatif(engine, stated, set=[f"{item.path}={answer}"]).after
                for name, total in after.totals.items():
                    before = decided.totals.get(name)
                    low = total.low - (before.low if before else 0)
                    assert not low or f"{low:+,.2f}".replace("-", "−") in item.brings, (seed, item)
                seen += 1
    assert seen > 20


HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</title></style><b>", "{{ 7 * 7 }}{% raw %}",
    "&amp;&#60;", "银" * 200, "W" * 200,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_every_text_is_escaped(engine: Engine, name: str) -> None:
    """An enterprise, a provider, a county and a rulebook may be called anything; the elements of the page stay the same."""
    stated = {
        "as_of": "2025-03-01",
        "enterprise": {"name": name, "industry": "3421"},
        "services": [{"id": "S1", "provider": name, "kind": "cloud", "fee": "12 万元"}],
        "received": [{"measure": name, "subject": "enterprise", "amount": "1 万元", "year": 2024}],
    }
    plain = {**stated, "enterprise": {"name": "x", "industry": "3421"}}
    for make in (lambda decision: report_html(decision, engine), decision_html):
        make_: Callable[[Decision], str] = make
        text = make_(engine.decide(stated, engine="exact"))
        parsed, usual = Parsed(text), Parsed(make_(engine.decide(plain, engine="exact")))
        assert parsed.tags() == usual.tags()
        assert [tag for tag, _ in parsed.seen] == [tag for tag, _ in usual.seen]
        assert name in parsed.text
        assert "49" not in parsed.text or name != HOSTILE[3]


def test_what_cannot_be_seen_is_shown(engine: Engine, case: Case) -> None:
    """A name that turns the direction of writing, which a case file may not have but a Case made in Python can."""
    assert case.enterprise is not None
    named = case.enterprise.model_copy(update={"name": "a\u202egnp.exe\u0000"})
    decision = engine.decide(case.model_copy(update={"enterprise": named}))
    for text in (report_html(decision, engine), decision_html(decision)):
        assert "a\\u202egnp.exe\\u0000" in Parsed(text).text
        assert "\u202e" not in text
        assert "\0" not in text


def test_nothing_is_fetched(engine: Engine, case: Case) -> None:
    parsed = Parsed(report_html(engine.decide(case), engine))
    assert not parsed.tags() & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "a",
        "base",
        "svg",
        "source",
    }
    fetching = {"src", "href", "srcset", "data", "action", "background", "poster", "xlink:href", "style"}
    for tag, attributes in parsed.seen:
        assert not fetching & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    assert not re.search(r"url\(|@import|https?:|//", parsed.style)
    (policy,) = [
        a["content"] for t, a in parsed.seen if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_page_without_the_engine_names_rulebooks_by_hash(engine: Engine, case: Case) -> None:
    decision = engine.decide(case)
    parsed = Parsed(report_html(decision))
    assert decision.policies[0].sha256 in parsed.text
    assert engine.rulebooks.policies[0].number not in parsed.text
    assert "projects.P2.targets_verified" in parsed.sections["missing"]


def test_another_edition_of_a_rulebook_is_not_quoted(levels: Engine) -> None:
    """The clause shown must be the one that decided: a page whose hash differs is left out."""
    decision = levels.decide(SPENT, as_of="2025-03-01", engine="exact")
    other = engine_of(page("region-1", measure("a", RD + "pay: 5% * 上年度.研发费用").replace("复述", "另一条复述")))
    parsed = Parsed(report_html(decision, other))
    assert "另一条复述" not in parsed.text
    assert "复述" in Parsed(report_html(decision, levels)).text


def test_nothing_to_claim(engine: Engine) -> None:
    decision = engine.decide({"as_of": date(2025, 3, 1)}, engine="exact", lang="en")
    parsed = Parsed(report_html(decision, engine))
    assert WORDS["nothing"].en in parsed.text
    assert WORDS["unnamed"].en in parsed.text
    assert "the county is unknown" in parsed.sections["notes"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_fragment_styles_nothing_but_itself(engine: Engine, case: Case, lang: Lang) -> None:
    decision = engine.decide(case, lang=lang)
    compared = whatif(engine, case, set=["latest.rd_expense=500 万元"], amend=["9b.cap=30 万元"], lang=lang)
    for text in (decision._repr_html_(), compared._repr_html_()):
        assert text is not None
        parsed = Parsed(text)
        assert parsed.seen[0][0] == "div"
        assert not parsed.tags() & {"html", "head", "body", "style", "script", "link", "meta", "title"}
        for _, attributes in parsed.seen:
            assert not {"class", "id", "src", "href"} & set(attributes), "another cell's style could meet it"
    for item in decision.outcomes:
        if item.status == "granted":
            assert amount(item.amount, lang) in decision_html(decision)


def test_a_comparison_shows_what_changed_and_why(engine: Engine, case: Case) -> None:
    compared = whatif(engine, case, set=["latest.rd_expense=500 万元"], amend=["9b.cap=30 万元"])
    parsed = Parsed(comparison_html(compared))
    changed = {row[0]: row[1:] for row in parsed.rows}
    assert changed["8a 研发费用补助"][:3] == ["1,000,000.00", "500,000.00", "−500,000.00"]
    assert changed["8a 研发费用补助"][3].endswith("= 500,000 元")
    assert "上限 300,000 元" in changed["9b 数字化改造补助 · 项目 P3"][3], "the cap changed, not the rate"
    assert changed["合计 企业"][2] == "−700,000.00"
    assert len(rows(compared)) == len(compared.changes)
    same = compare(compared.before, compared.before)
    assert WORDS["no_change"].zh in Parsed(comparison_html(same)).text


def test_without_jinja_a_notebook_shows_the_plain_form(
    engine: Engine, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = engine.decide(case)
    compared = compare(decision, decision)
    for name in [name for name in sys.modules if name.startswith("conggao.engine.report")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert decision._repr_html_() is None
    assert compared._repr_html_() is None


def test_every_word_is_in_both_languages() -> None:
    for name, text in WORDS.items():
        assert text.zh, name
        assert text.en.isascii() or "“" in text.en, name
        assert not re.search(r"[a-z]{4}", text.zh), name

"""`diff` says "same" only of rulebooks that decide alike, and every case it shows is decided differently under both."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conggao.engine.authoring.diff import Comparison, diff
from conggao.engine.authoring.diff.compare import compare
from conggao.engine.authoring.diff.random_cases import Cases
from conggao.engine.authoring.diff.sides import Side, page_of
from conggao.engine.authoring.proof.ask import available
from conggao.engine.rulebook.page import Page, parse_page
from conggao.facts.diagnostics import InputFaults
from tests.engine.authoring import small
from tests.engine.rulebook.pages import block, measure, page

PAIRS = max(30, int(os.environ.get("CONGGAO_AGREEMENT", "20000")) // 500)
RANDOM = max(100, int(os.environ.get("CONGGAO_AGREEMENT", "20000")) // 100)
CAP = "cap: 100 万元\ncap_per: enterprise\ncap_period: year\nfunding"
SHARES = "funding: {city: 20%, county: 80%}\nauthorities: [市科技局, 市工信局"
CITY = page_of("yinchuan-2024-2")


def changed(*pairs: tuple[str, str]) -> Page:
    """The page of the city with other words."""
    text = CITY.text
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    return parse_page(text.encode(), "changed.md")


def verified(found: Comparison, first: Page, second: Page) -> None:
    """Every case is decided as the comparison says, and differently."""
    sides = Side.of(first), Side.of(second)
    for change in found.changes:
        if change.case is None or change.measure is None or "/" in change.measure:
            continue
        decided = [side.full(dict(change.case), f"{side.policy.id}/{change.measure}") for side in sides]
        assert decided[0] != decided[1], change
        assert change.seen is not None
        for side, seen in zip(decided, change.seen, strict=True):
            assert not side or seen in [item[0] for item in side], change


def agree_on_random_cases(first: Side, second: Side) -> None:
    """As many random cases as are asked for, facts left out of some, are decided alike."""
    one, other = (side.policy.measures[0] for side in (first, second))
    cases = Cases([*one.expressions(), *other.expressions()], second.engine.vocabulary, ["2025-03-01"], "enterprise")
    for number in range(RANDOM):
        case = cases(number)
        assert first.full(case, one.key) == second.full(case, other.key), case


def test_random_pairs_are_the_same_where_every_case_of_the_grid_is() -> None:
    """The second rulebook differs from the first in a condition, in what it pays, or not at all."""
    same = different = 0
    for seed in range(PAIRS):
        draw = Random(seed)
        when, pay = small.conditions(seed), small.amount(seed)
        other = [*when]
        if seed % 3:
            other[draw.randrange(len(other))] = small.condition(draw) if seed % 3 == 1 else f"非 (非 ({other[0]}))"
        pages = [
            parse_page(small.rulebook(conditions, pays).encode(), f"{name}.md")
            for name, conditions, pays in (("a", when, pay), ("b", other, small.amount(seed + seed % 2)))
        ]
        found = compare(pages[0], pages[1], tried=500)
        verified(found, *pages)
        sides = [Side.of(item) for item in pages]
        alike = all(
            sides[0].seen({"as_of": "2025-03-01", **case}, "small-1/m")
            == sides[1].seen({"as_of": "2025-03-01", **case}, "small-1/m")
            for case in small.grid()
        )
        assert found.same <= alike, (when, other, [change.verdict for change in found.changes])
        if found.same:
            agree_on_random_cases(*sides)
        if available():
            assert all(change.verdict in ("differs", "same_proven") for change in found.changes), (
                when,
                other,
                found.changes,
            )
        same, different = same + found.same, different + (not found.same)
    assert same
    assert different


@pytest.mark.parametrize(
    ("old", "new", "facet", "measures"),
    [
        (CAP, CAP.replace("100", "120"), "cap", {"8a"}),
        ("上年度.主营业务收入 ≥ 2000 万元\nsource", "上年度.主营业务收入 > 2000 万元\nsource", "when", {"8a", "9d", "16b"}),
        ("碳排放强度下降率 ≥ 5%", "碳排放强度下降率 ≥ 6%", "when", {"11"}),
        ("when:\n  - 链主企业 或 龙头企业\n", "when:\n  - 链主企业\n", "when", {"14b"}),
        ("cap_per: provider", "cap_per: enterprise", "cap", {"16a"}),
        ("lines: [research_expense]", "lines: [commercialisation]", "lines", {"8a"}),
        (SHARES, SHARES.replace("20%", "30%").replace("80%", "70%"), "funding", {"8a"}),
        ("in_force: 2024-06-01 .. 2027-12-31", "in_force: 2024-06-01 .. 2026-12-31", "dates", {None}),
        ("银川综保区, 苏银产业园]", "银川综保区]", "places", {None}),
    ],
)  # fmt: skip
def test_a_change_is_named_and_shown_by_a_case(old: str, new: str, facet: str, measures: set[str | None]) -> None:
    if not available():
        pytest.skip("z3 is not installed")
    other = changed((old, new))
    found = compare(CITY, other)
    assert {change.measure for change in found.changes} == measures
    for change in found.changes:
        assert (change.facet, change.verdict) == (facet, "differs"), change
        assert change.seen is not None
        assert facet in ("lines", "funding") or change.seen[0] != change.seen[1]
    verified(found, CITY, other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("上年度.碳排放量 > 2.6 万吨", "非 上年度.碳排放量 ≤ 26000 吨"),
        ("pay: 10% * 上年度.研发费用", "pay: 上年度.研发费用 / 10"),
    ],
)
def test_other_words_for_the_same_are_proven_the_same(old: str, new: str) -> None:
    found = compare(CITY, changed((old, new)), tried=200)
    assert found.changes
    assert found.same
    assert found.certainty == ("proven" if available() else "tried")


def test_a_page_is_the_same_as_itself() -> None:
    assert not compare(CITY, CITY).changes


def test_the_smallest_case_says_no_more_than_it_must() -> None:
    """At the threshold itself, with the two facts that the derived fact needs."""
    if not available():
        pytest.skip("z3 is not installed")
    found = compare(
        CITY, changed(("上年度.主营业务收入 ≥ 2000 万元\nsource", "上年度.主营业务收入 > 2000 万元\nsource"))
    )
    case: Any = next(change.case for change in found.changes if change.measure == "9d")
    assert case["reports"] == [{"year": 2023, "main_business_revenue": 20_000_000}]
    assert list(case["enterprise"]) == ["industry"]


def test_measures_added_removed_and_renamed() -> None:
    one = small.rulebook(["新落地"], "3 元")
    found = compare(parse_page(one.encode(), "a.md"), parse_page(one.replace("id: m\n", "id: n\n").encode(), "b.md"))
    assert [(change.measure, change.facet) for change in found.changes] == [("n", "renamed")]
    other = one.replace("id: m\n", "id: n\n").replace("3 元", "4 元")
    found = compare(parse_page(one.encode(), "a.md"), parse_page(other.encode(), "b.md"))
    assert {(change.measure, change.facet, change.verdict) for change in found.changes} == {
        ("m", "removed", "differs"),
        ("n", "added", "differs"),
    }


def test_amendments_are_compared_by_what_they_leave() -> None:
    def amending(rate: str) -> Page:
        block = f"复述。\n\n```amend\nmeasure: yinchuan-2024-2/8a\nfrom: 2025-06-01\nset:\n  pay: {rate} * 上年度.研发费用\n```"
        return parse_page(page("reform-1", block, in_force="2025-01-01 ..").encode(), f"{rate}.md")

    found = compare(amending("12%"), amending("15%"), tried=200)
    assert [(change.measure, change.facet, change.verdict) for change in found.changes] == [
        ("yinchuan-2024-2/8a", "amount", "differs")
    ]
    assert not compare(amending("12%"), amending("12%")).changes


def test_a_version_of_git_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    path = tmp_path / "p.md"
    git("init", "-q")
    path.write_text(small.rulebook(["新落地"], "3 元"), encoding="utf-8")
    git("add", "p.md")
    git("commit", "-qm", "one")
    path.write_text(small.rulebook(["新落地"], "4 元"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = diff("HEAD:p.md", "p.md", tried=200)
    assert [(change.facet, change.verdict) for change in found.changes] == [("amount", "differs")]
    for name in ("HEAD:q.md", "--output=x:p.md", "nowhere:p.md", "yinchuan-2024-3", "q.md"):
        with pytest.raises(InputFaults):
            diff(name, "p.md")
    assert not (tmp_path / "x:p.md").exists()


PROJECT = "subject: project\nlines: [equipment_purchase]\nwhen: [贷款本金 > 0 元]\n"


def two(relation: str, second: str = "pay: 5% * 贷款本金") -> Page:
    """Two measures on one line of a project."""
    text = page("two-1", measure("a", PROJECT + f"pay: 10% * 贷款本金\n{relation}"), measure("b", PROJECT + second))
    return parse_page(text.encode(), "two.md")


def test_a_relation_is_shown_by_a_case_in_which_both_apply() -> None:
    if not available():
        pytest.skip("z3 is not installed")
    found = compare(two("stacks_with: [b]"), two("excludes: [b]"), tried=200)
    assert [(c.measure, c.facet, c.verdict, c.by) for c in found.changes] == [("a", "relations", "differs", "b")]
    assert found.changes[0].seen is not None
    assert [seen.status for seen in found.changes[0].seen] == ["granted", "superseded"]


def test_a_cap_over_several_claims_is_not_the_same_because_one_claim_never_reaches_it() -> None:
    """Each project is paid 40 yuan; two of them tell a cap of 50 from one of 60 apart, and no single one does."""
    one, other = (
        parse_page(
            page("cap-1", measure("a", f"{PROJECT}pay: 40 元\ncap: {cap} 元\ncap_per: enterprise")).encode(), "cap.md"
        )
        for cap in (50, 60)
    )
    found = compare(one, other, tried=300)
    assert [(change.facet, change.verdict) for change in found.changes] == [("cap", "differs")]
    assert len(found.changes[0].case["projects"]) == 2 if found.changes[0].case else False


def test_a_cap_that_nothing_reaches_is_the_same_as_far_as_was_tried_and_not_proven() -> None:
    one, other = (
        parse_page(page("cap-1", measure("a", f"{PROJECT}pay: 40 元\ncap: {cap} 元\nonce: project")).encode(), "cap.md")
        for cap in (50, 60)
    )
    found = compare(one, other, tried=300)
    assert [(change.facet, change.verdict, change.tried) for change in found.changes] == [("cap", "same_tried", 300)]
    assert (found.same, found.certainty) == (True, "tried")


def test_a_name_that_means_two_things_proves_nothing() -> None:
    """Each page declares the fact otherwise, so that what one side reads as money the other reads as a count."""

    def declared(type_: str, figure: str) -> Page:
        facts = block(
            "facts",
            f"facts:\n  - {{name: odd_fact, label: {{zh: 怪事实, en: odd fact}}, {type_}, subject: enterprise}}",
        )
        rule = f"subject: enterprise\nlines: [research_expense]\nwhen: [怪事实 > {figure}]\npay: 1 元"
        return parse_page(page("odd-1", facts, measure("a", rule)).encode(), "odd.md")

    found = compare(declared("type: quantity, unit: 元", "5 元"), declared("type: integer", "5 家"), tried=50)
    assert [change.facet for change in found.changes] == ["when"]
    assert found.changes[0].verdict != "same_proven"

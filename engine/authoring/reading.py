"""A rulebook as a person reads it: clause by clause the restatement, the rule in words, the readings taken, the worked cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent

from conggao.engine.authoring.wording import Row, derivation_rows, measure_rows, parameter_rows
from conggao.engine.authoring.worked import Worked
from conggao.engine.decide import Engine
from conggao.engine.decision import Outcome
from conggao.engine.labels import LEVEL, STATUS, SUBJECTS, yuan
from conggao.engine.language.render import Renderer
from conggao.engine.rulebook.amend import Amendment
from conggao.engine.rulebook.model import Measure, Policy
from conggao.engine.rulebook.page import Block, body, markdown
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.documents import read_yaml


@dataclass(frozen=True, slots=True)
class Shown:
    """A worked case: what is given, as written, and what comes of it, in words."""

    name: str
    day: str
    given: str
    results: tuple[str, ...]
    passed: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its kind (the word of its block), id (empty where it has none), title, rows in words, readings and cases."""

    kind: str
    id: str
    title: str
    rows: tuple[Row, ...]
    readings: tuple[str, ...] = ()
    cases: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it, in order: paragraphs (a table is its lines) and rules."""

    heading: str
    level: int
    items: tuple[str | Rule, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole page: its title, particulars, readings of the whole, and parts."""

    title: str
    about: tuple[Row, ...]
    readings: tuple[str, ...]
    parts: tuple[Part, ...]


def reading(policy: Policy, engine: Engine, cases: Sequence[Worked], lang: Lang) -> Reading:
    """The page of `policy` for a reader of `lang`; `cases` are its cases as they were run. Prose stands as written."""
    reader = _Reader(policy, engine, cases, lang)
    return Reading(
        policy.title.of(lang),
        _about(policy, lang),
        tuple(text.of(lang) for text in policy.interpretation),
        reader.parts(),
    )


def _about(policy: Policy, lang: Lang) -> tuple[Row, ...]:
    end = str(policy.ends) if policy.ends else Text("未见截止日", "no end seen").of(lang)
    clause = policy.conflicts
    against = Text("、", ", ").of(lang).join(LEVEL[level].of(lang) for level in clause.against)
    received = {
        "top_up": Text("已领的补足差额", "what was received is taken off"),
        "exclude": Text("已领的不再支持", "nothing where support was received"),
    }[clause.received]
    conflict = Text(f"与{against}政策从高不重复，{received.zh}", f"highest among {against}; {received.en}")
    if clause.assumed:
        conflict = Text("未见冲突条款，按从高、补差处理", "no clause seen: highest and top-up assumed")
    said = [
        (Text("文号", "number"), policy.number), (Text("发文机关", "issuer"), policy.issuer),
        (Text("层级", "level"), LEVEL[policy.level].of(lang)), (Text("有效期", "in force"), f"{policy.begins} – {end}"),
        (Text("适用地区", "places"), "、".join(policy.places)), (Text("解释机关", "interpreted by"), policy.interpreter),
        (Text("冲突条款", "conflicts"), conflict.of(lang)),
        (Text("核对至", "checked to"), "" if policy.checked is None else str(policy.checked)),
        (Text("来源可信度", "source grade"), policy.trust),
    ]  # fmt: skip
    return tuple(Row(head.of(lang), (text,)) for head, text in said if text)


class _Reader:
    """Walks a page from the top."""

    def __init__(self, policy: Policy, engine: Engine, cases: Sequence[Worked], lang: Lang) -> None:
        self.policy, self.engine, self.lang = policy, engine, lang
        self.renderer: Renderer = engine.program.renderer(lang)
        self.cases = {worked.line: worked for worked in cases}
        self.blocks: dict[int, Block] = {block.line: block for block in policy.page.blocks}
        self.measures: dict[int, Measure] = {measure.block.line: measure for measure in policy.measures}

    def parts(self) -> tuple[Part, ...]:
        parts: list[tuple[str, int, list[str | Rule]]] = []
        level = 0
        for token in markdown().parse(body(self.policy.page.text)):
            line = (token.map or [0, 0])[0] + 1
            if token.type == "heading_open":
                level = int(token.tag[1:])
            elif token.type == "inline" and level:
                parts.append((token.content.strip(), level, []))
                level = 0
            elif token.type == "inline" and parts:
                parts[-1][2].append(token.content)
            elif token.type == "fence" and parts and line + 1 in self.blocks:
                self._block(self.blocks[line + 1], parts[-1][2])
        return tuple(
            Part(_heading(heading, self.lang), depth, _spoken(items, self.lang)) for heading, depth, items in parts
        )

    def _block(self, block: Block, items: list[str | Rule]) -> None:
        if block.kind == "case":
            worked = self.cases.get(block.line)
            before = next((index for index in range(len(items) - 1, -1, -1) if isinstance(items[index], Rule)), None)
            if worked is None:
                return
            if before is None:
                items.append(Rule("case", "", "", (), cases=(self._shown(worked),)))
            else:
                rule = items[before]
                assert isinstance(rule, Rule)
                items[before] = replace(rule, cases=(*rule.cases, self._shown(worked)))
            return
        made = self._rule(block)
        if made is not None:
            items.append(made)

    def _rule(self, block: Block) -> Rule | None:
        lang, books = self.lang, self.engine.rulebooks
        if (measure := self.measures.get(block.line)) is not None:
            readings = tuple(text.of(lang) for text in measure.interpretation)
            return Rule("measure", measure.id, measure.title.of(lang), measure_rows(measure, self.renderer), readings)
        for item in books.derivations:
            if item.policy == self.policy.id and item.block.line == block.line:
                readings = tuple(text.of(lang) for text in item.interpretation)
                return Rule("derive", item.name, item.label.of(lang), derivation_rows(item, self.renderer), readings)
        if block.kind == "facts":
            return Rule(
                "facts", "", Text("本政策用到的事实", "facts that this policy needs").of(lang), self._facts(block)
            )
        if block.kind == "parameter":
            name = str(read_yaml(block.text).data.get("name"))
            parameter = books.parameters.get(name)
            if parameter is not None:
                rows = parameter_rows(parameter, self.policy.id, lang)
                return Rule("parameter", name, parameter.label.of(lang), rows)
        for change in books.amendments:
            if change.policy == self.policy.id and change.block.line == block.line:
                return self._amendment(change)
        return None

    def _facts(self, block: Block) -> tuple[Row, ...]:
        """Each fact by its label, with its name, of whom it is and what leaving it out means."""
        absent = {"zero": Text("不填即为零", "zero if left out"), "false": Text("不填即为否", "no if left out")}
        rows: list[Row] = []
        for item in read_yaml(block.text).data.get("facts") or ():
            label = Text(item["label"]["zh"], item["label"]["en"])
            whom = _OWNERS[item.get("subject", "enterprise")].of(self.lang)
            said = [
                whom,
                f"{item['name']}",
                absent.get(item.get("absent", ""), Text("不填即不明", "unknown if left out")).of(self.lang),
            ]
            rows.append(Row(label.of(self.lang), (" · ".join(said),)))
        return tuple(rows)

    def _amendment(self, change: Amendment) -> Rule:
        from_ = Text(f"自 {change.begins} 起", f"from {change.begins}").of(self.lang)
        rows = [Row(key, (str(value),)) for key, value in change.changes.items()]
        if change.repeal:
            rows.append(Row(Text("废止", "repealed").of(self.lang), (from_,)))
        readings = tuple(text.of(self.lang) for text in change.reader.bilinguals("interpretation"))
        return Rule("amend", change.measure, from_, tuple(rows), readings)

    def _shown(self, worked: Worked) -> Shown:
        given = read_yaml(worked.block.text).data.get("given")
        lines = worked.block.text.splitlines()
        first = next((n for n, line in enumerate(lines) if line.startswith("given:")), len(lines))
        last = next((n for n in range(first + 1, len(lines)) if lines[n][:1] not in ("", " ", "#")), len(lines))
        text = (
            dedent("\n".join([lines[first].removeprefix("given:").strip(), *lines[first + 1 : last]])).strip()
            if given
            else ""
        )
        return Shown(worked.name, str(worked.decision.as_of), text, tuple(self._results(worked)), worked.passed)

    def _results(self, worked: Worked) -> Iterator[str]:
        """What came of every measure and derived fact that the case speaks of."""
        colon = Text("：", ": ").of(self.lang)
        decision = worked.decision
        if decision.lang != self.lang:
            decision = worked.engine.decide(decision.case, decision.as_of, engine="exact", lang=self.lang)
        for key in dict.fromkeys(item.place[0] for item in worked.compared):
            of_measure = [
                outcome for outcome in decision.outcomes if outcome.measure in (key, f"{self.policy.id}/{key}")
            ]
            for outcome in of_measure:
                yield f"{key} {outcome.title}{self._subject(outcome)}{colon}{self._outcome(outcome)}"
            if not of_measure:
                for item in worked.compared:
                    if item.place[0] == key:
                        label = (
                            self.renderer.derived[key].label.of(self.lang) if key in self.renderer.derived else item.of
                        )
                        yield f"{label}{colon}{_TRUTHS.get(item.found, Text(item.found, item.found)).of(self.lang)}"

    def _subject(self, outcome: Outcome) -> str:
        kind, _, id_ = (outcome.subject or "").partition(":")
        return f" · {SUBJECTS[kind].of(self.lang)} {id_}" if id_ else ""

    def _outcome(self, outcome: Outcome) -> str:
        said = STATUS[outcome.status].of(self.lang)
        if outcome.status in ("granted", "contingent") and outcome.amount is not None:
            return f"{said} {yuan(outcome.amount, self.lang)}"
        why = [condition.text for condition in outcome.conditions if condition.truth is False][:1] or list(
            outcome.missing
        )
        return said + Text("（", " (").of(self.lang) + "、".join(why) + Text("）", ")").of(self.lang) if why else said


def _heading(text: str, lang: Lang) -> str:
    """A heading in both languages, in one of them: `（一）主导产业 Leading industries`."""
    match = _BOTH.match(text)
    return text if match is None else match.group(1 if lang == "zh" else 2)


def _spoken(items: Sequence[str | Rule], lang: Lang) -> tuple[str | Rule, ...]:
    """The paragraphs of a language, where a part has any; else those that there are."""
    own = [item for item in items if isinstance(item, str) and bool(_CHINESE.search(item)) == (lang == "zh")]
    tables = [item for item in items if isinstance(item, str) and item.startswith("|")]
    return tuple(item for item in items if not isinstance(item, str) or not own or item in own or item in tables)


_CHINESE = re.compile("[\u4e00-\u9fff]")
_BOTH = re.compile("^(.*[\u4e00-\u9fff）)])[ \u3000]+([A-Za-z][\x20-\x7e’–]*)$")

_OWNERS = {
    **SUBJECTS, "report": Text("企业年度报告", "yearly report"), "park_report": Text("园区年度报告", "yearly report of the park"),
}  # fmt: skip
_TRUTHS = {"true": Text("是", "yes"), "false": Text("否", "no"), "unknown": Text("不明", "unknown")}

"""The figure check: every figure of a rule stands in the restatement above it, and every figure restated is used.

A figure is a number with its unit, compared by value and dimension: 2.6 万吨 is 26000 吨. With the figures of the official text the same
holds between the restatement and the law: none lost, none invented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from conggao.engine.language.tree import Constant, Node, Recognised, walk
from conggao.engine.rulebook.model import Measure, Policy, Rulebooks
from conggao.engine.rulebook.page import Block, Page, Passage
from conggao.facts.diagnostics import Diagnostic, Label, Span, Text
from conggao.facts.units import MONEY, NUMBER_PATTERN, PURE, UNIT_PREFIX_PATTERN, Dimension, parse_quantity

_DATE = re.compile(r"(\d{4})\s*(?:-|年)\s*(\d{1,2})\s*(?:-|月)\s*(\d{1,2})\s*日?")
_FIGURE = re.compile(rf"(?<![A-Za-z0-9_.])({NUMBER_PATTERN})(?![.\d])\s*({UNIT_PREFIX_PATTERN})?(?![A-Za-z])")
_RATIO = re.compile(
    rf"(?<![A-Za-z0-9_.]){NUMBER_PATTERN}(?:\s*[:：∶]\s*{NUMBER_PATTERN})+(?![.\d])(?!\s*{UNIT_PREFIX_PATTERN})"
)
"""`1:1`: how two parts compare. A number with a unit after the colon (`标准1：100 万元`) is a figure like any other."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it stands in a text: its value in base units, its wording and where it begins."""

    value: Fraction
    dimension: Dimension
    text: str
    start: int

    @property
    def key(self) -> tuple[Fraction, Dimension]:
        return self.value, self.dimension


Count = Counter[tuple[Fraction, Dimension]]
_YEARS = range(1949, 2101)
"""Whole numbers that a text gives as a year."""


def figures(text: str) -> list[Figure]:
    """The figures of a running text, in order; dates and ratios (`1:1`) are no figures."""
    blanked = text
    for other in (_DATE, _RATIO):
        blanked = other.sub(lambda match: " " * len(match.group()), blanked)
    return [
        Figure(*parse_quantity(" ".join(part for part in match.groups() if part)), match.group().strip(), match.start())
        for match in _FIGURE.finditer(blanked)
    ]


def ratios(text: str) -> list[tuple[str, int]]:
    """The ratios of a running text (`1:1`), each with where it begins; none of them is a figure."""
    return [
        (match.group(), match.start()) for match in _RATIO.finditer(_DATE.sub(lambda m: " " * len(m.group()), text))
    ]


def dates(text: str) -> list[str]:
    """The dates of a running text in ISO form."""
    return [f"{int(y):04d}-{int(m):02d}-{int(d):02d}" for y, m, d in _DATE.findall(text)]


def check_figures(policy: Policy, books: Rulebooks) -> list[Diagnostic]:
    """Every figure of a rule of `policy` that the law's restatement does not have, and every one restated that no rule uses."""
    faults: list[Diagnostic] = []
    for measure in policy.measures:
        faults += _compare(
            policy.page,
            measure.block,
            list(_measure_figures(measure)),
            measure.interpretation,
            measure.key,
            _years(_nodes(measure)),
        )
    for amendment in books.amendments:
        pair = books.on(amendment.begins).find(amendment.measure)
        if amendment.policy == policy.id and pair is not None and not amendment.repeal:
            used = list(_measure_figures(pair[1], amendment.changes))
            readings = amendment.reader.bilinguals("interpretation")
            years = _years(_nodes(pair[1], amendment.changes))
            faults += _compare(policy.page, amendment.block, used, readings, amendment.measure, years)
    for item in books.derivations:
        if item.policy == policy.id:
            faults += _compare(
                policy.page,
                item.block,
                list(_node_figures(item.node)),
                item.interpretation,
                item.name,
                _years([item.node]),
            )
    return faults


def _compare(
    page: Page, block: Block, used: list[Figure], readings: Sequence[Text], name: str, years: Count
) -> list[Diagnostic]:
    """R ≤ U + Y and U ≤ R + I: restated R times, used U times, the year of a `since` Y times, standing I times in the readings taken.

    The year of a `since` is a date and need not be restated; where the restatement or the readings name years, it is one of them.
    """
    if not block.prose and used:
        message = Text("规则之上没有条文的复述", "there is no restatement of the clause above the rule")
        return [_fault("figure/no-restatement", page, block, message, block.line - 1, name)]
    restated = [(figure, passage) for passage in block.prose for figure in figures(passage.text)]
    stand: Count = Counter(figure.key for figure, _ in restated)
    uses: Count = Counter(figure.key for figure in used if figure.value)
    read: Count = Counter(figure.key for text in readings for figure in figures(text.zh))
    faults: list[Diagnostic] = []
    for key, count in uses.items():
        if count > stand[key] + read[key]:
            shown = next(figure.text for figure in used if figure.key == key)
            message = Text(
                f"规则用到 `{shown}` {count} 次，其上的复述只写了 {stand[key]} 次",
                f"the rule uses `{shown}` {count} time(s), the restatement above has it {stand[key]} time(s)",
            )
            help_ = Text(
                "改规则或复述；属于解读的数字写进 `interpretation`",
                "mend the rule or the restatement; the figure of a reading belongs in `interpretation`",
            )
            faults.append(_fault("figure/invented", page, block, message, block.line, name, help_))
    told = sorted(
        {int(key[0]) for key in [*stand, *read] if not key[1] and key[0].denominator == 1 and key[0] in _YEARS}
    )
    for since in sorted(int(key[0]) for key in years):
        if told and since not in told:
            listed = [str(year) for year in told]
            message = Text(
                f"规则用到 `since={since}`，复述和解读写的年份是 {'、'.join(listed)}",
                f"the rule has `since={since}`, the years of the restatement and the readings are {', '.join(listed)}",
            )
            help_ = Text(
                "改规则，或在 `interpretation` 写明这一年", "mend the rule, or name the year under `interpretation`"
            )
            faults.append(_fault("figure/year", page, block, message, block.line, name, help_))
    for key, count in stand.items():
        if key[0] and count > uses[key] + years[key]:
            figure, passage = next(pair for pair in restated if pair[0].key == key)
            message = Text(
                f"复述写了 `{figure.text}` {count} 次，规则只用到 {uses[key]} 次",
                f"the restatement has `{figure.text}` {count} time(s), the rule uses it {uses[key]} time(s)",
            )
            help_ = Text("用进规则，或写进 `not_modelled`", "use it in the rule, or list it under `not_modelled`")
            faults.append(_fault("figure/lost", page, block, message, _line_of(passage, figure), name, help_))
    return faults


def _fault(
    code: str,
    page: Page,
    block: Block,
    message: Text,
    line: int,
    name: str,
    help: Text | None = None,  # noqa: A002
) -> Diagnostic:
    return Diagnostic(
        code, message, (Label(Span(page.name, line)),), breadcrumb=(*block.headings[-1:], name), help=help
    )


def _line_of(passage: Passage, figure: Figure) -> int:
    return passage.line + passage.text[: figure.start].count("\n")


def _nodes(measure: Measure, keys: Collection[str] | None = None) -> list[Node]:
    """The expressions of a measure; of some of its keys, where they are given."""
    nodes: list[Node | None] = []
    if _among(keys, "when"):
        nodes += [condition.node for condition in measure.when if not condition.implied]
    if _among(keys, "pay", "up_to", "tiers"):
        nodes.append(measure.amount)
    if _among(keys, "cap"):
        nodes.append(measure.cap)
    if _among(keys, "ceiling") and measure.ceiling is not None:
        nodes.append(measure.ceiling.amount)
    return [node for node in nodes if node is not None]


def _among(keys: Collection[str] | None, *names: str) -> bool:
    return keys is None or any(name in keys for name in names)


def _measure_figures(measure: Measure, keys: Collection[str] | None = None) -> Iterator[Figure]:
    """The figures of a measure; of some of its keys, where they are given."""
    for node in _nodes(measure, keys):
        yield from _node_figures(node)
    for _, share in measure.funding if _among(keys, "funding") else ():
        yield Figure(share, (), f"{float(share * 100):g}%", 0)
    for text in measure.not_modelled if _among(keys, "not_modelled") else ():
        yield from figures(text)


def _node_figures(node: Node) -> Iterator[Figure]:
    for item in walk(node):
        match item:
            case Constant(value=Fraction() as value, type=type_, text=text):
                yield Figure(value, getattr(type_, "dimension", ()), text, item.place.start)


def _years(nodes: Sequence[Node]) -> Count:
    """The years since which a title must be held."""
    parts = [part for node in nodes for part in walk(node)]
    return Counter(
        (Fraction(part.since), ()) for part in parts if isinstance(part, Recognised) and part.since is not None
    )


# -- against the official text ------------------------------------------------------------------------------------------


def restated_by_clause(policy: Policy) -> dict[str, Count]:
    """How often each figure stands in the restatements of each clause."""
    counts: dict[str, Count] = {}
    for measure in policy.measures:
        if measure.block.clause is not None:
            found = counts.setdefault(measure.block.clause, Counter())
            found.update(figure.key for figure in figures(measure.block.restatement) if figure.value)
    return counts


_BY_CLAUSE = Text(
    "数字按（一）这一级逐条核对；其下的 1.、① 等各项合在一起，不分开",
    "figures are compared clause by clause at the level of （一）; what is numbered below it counts together",
)


_REMEDIES: Mapping[str, Text] = {
    "figure/lost": Text(
        "写进复述，数字和单位照条文；规则不用的，另写进 `not_modelled`",
        "restate it with the figure and unit of the text; what no rule uses stands under `not_modelled` too",
    ),
    "figure/invented": Text(
        "改成条文的数字，或从复述里删去", "write what the law says, or take it out of the restatement"
    ),
}


def _bare_as_money(stand: Count, need: Count, law: Sequence[Figure]) -> Count:
    """What is restated, money taken for a figure of the law that is written without its unit (`分三年按10万、20万兑现`)."""
    found = Counter(stand)
    for figure in law:
        if figure.dimension != PURE or figure.text[-1:] not in "万亿":
            continue
        money = (figure.value, MONEY)
        taken = min(need[figure.key] - found[figure.key], found[money] - need[money])
        if taken > 0:
            found[figure.key] += taken
            found[money] -= taken
    return +found


def check_official(policy: Policy, official: Mapping[str, Sequence[Figure]], where: str) -> list[Diagnostic]:
    """Each figure of the official text, clause by clause, that the page lost, and each that it invented. `where` names the text."""
    faults: list[Diagnostic] = []

    def fault(code: str, zh: str, en: str, line: int, *title: str) -> None:
        label = Label(Span(policy.page.name, line))
        help_ = _REMEDIES.get(code)
        faults.append(Diagnostic(code, Text(zh, en), (label,), breadcrumb=(where, *title), help=help_, note=_BY_CLAUSE))

    restated = restated_by_clause(policy)
    headings = {number: (title, line) for number, title, line in policy.page.clauses}
    for clause, law in official.items():
        title, line = headings.get(clause, (f"（{clause}）", 1))
        if clause not in headings:
            en = f"clause （{clause}） has no heading on this page"
            fault("figure/no-clause", f"条款（{clause}）在本页没有标题", en, 1)
            continue
        need = Counter(figure.key for figure in law if figure.value)
        stand = _bare_as_money(restated.get(clause, Counter()), need, law)
        for figure in {figure.key: figure for figure in law if figure.value}.values():
            has, wants = stand[figure.key], need[figure.key]
            if has < wants:
                zh = f"条文写有 `{figure.text}` {wants} 次，复述只有 {has} 次"
                en = f"the law has `{figure.text}` {wants} time(s), the restatement {has} time(s)"
                fault("figure/lost", zh, en, line, title)
        for key in stand:
            if key not in need:
                shown = _wording(policy, clause, key)
                en = f"the restatement has `{shown}`, which the law does not"
                fault("figure/invented", f"复述写有 `{shown}`，条文里没有", en, line, title)
    for clause, (title, line) in headings.items():
        if clause not in official:
            en = f"the official text has no clause （{clause}）"
            fault("figure/no-clause", f"官方文本没有条款（{clause}）", en, line, title)
    return faults


def _wording(policy: Policy, clause: str, key: tuple[Fraction, Dimension]) -> str:
    texts = (measure.block.restatement for measure in policy.measures if measure.block.clause == clause)
    return next(figure.text for text in texts for figure in figures(text) if figure.key == key)


def check_dates(policy: Policy, official: Sequence[str], where: str) -> list[Diagnostic]:
    """The dates of entry into force and of expiry, against those the official text closes with."""
    own = [day.isoformat() for day in (policy.begins, policy.ends) if day is not None]
    if own == list(official):
        return []
    label = Label(Span(policy.page.name, 1))
    if not official:
        message = Text(
            "官方文本的各条里没有日期，有效期无从核对",
            "the clauses of the official text have no date to compare in_force with",
        )
        help_ = Text(
            "按印发日期或落款自行核对，并在页首的 `interpretation` 写明依据；或者把施行日、截止日补进文本的最后一条",
            "compare with the day of issue yourself and say so under `interpretation` of the front matter; or add the dates to the last "
            "clause of the text",
        )
        return [Diagnostic("figure/dates", message, (label,), "warning", "in_force", (where,), help_)]
    message = Text(
        f"有效期是 {' .. '.join(own)}，条文写的日期是 {'、'.join(official)}",
        f"the validity is {' .. '.join(own)}, the dates of the law are {', '.join(official)}",
    )
    return [Diagnostic("figure/dates", message, (label,), path="in_force", breadcrumb=(where,))]

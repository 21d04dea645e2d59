"""A page to a draft (what it says by itself), and drafts to checked policies (what they say together)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from conggao.engine.language.scope import DerivedSpec, Scope
from conggao.engine.language.tree import Place
from conggao.engine.rulebook import keys
from conggao.engine.rulebook.amend import Amendment, amended
from conggao.engine.rulebook.measures import read_derivation, read_measure
from conggao.engine.rulebook.model import Conflicts, Derivation, Level, Line, Measure, Parameter, Policy
from conggao.engine.rulebook.page import Block, Page
from conggao.engine.rulebook.parameters import read_parameter, spec_of
from conggao.engine.rulebook.reader import Reader
from conggao.engine.rulebook.vocabulary import extend
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.documents import read_yaml
from conggao.facts.vocabulary import PARAMETER, Vocabulary
from conggao.facts.words import other_level

KINDS = tuple(keys.BLOCKS)

_WHOLE = Place(0, 1)
_PERIOD = re.compile(r"^\s*(\S+)\s*\.\.\s*(\S*)\s*$")


@dataclass(slots=True)
class Draft:
    """A page read on its own: front matter, lines and blocks; expressions are still text."""

    page: Page
    id: str
    front: Reader
    faults: list[Diagnostic]
    lines: tuple[Line, ...] = ()
    blocks: list[tuple[Block, Reader]] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[tuple[Block, Reader]]:
        return [(block, reader) for block, reader in self.blocks if block.kind == kind]

    def extend(self, vocabulary: Vocabulary, faults: list[Diagnostic]) -> Vocabulary:
        """`vocabulary` with the facts, titles, purposes and parameters that the page declares."""
        for _, reader in self.of_kind("facts"):
            reader.faults = faults
            vocabulary = extend(vocabulary, reader)
        places = [place for place in self.front.data.get("place") or () if isinstance(place, str)]
        vocabulary = vocabulary.extend(
            counties={place: Text(place, place) for place in places if place not in vocabulary.words("counties")}
        )
        for parameter, reader in self.parameters(faults):
            if vocabulary.find(PARAMETER, parameter.name) is not None:
                continue  # declared by another page; this one adds values
            try:
                vocabulary = vocabulary.extend([spec_of(parameter)])
            except InputFaults as clash:
                for item in clash.diagnostics:
                    reader.fault(item.code, ("name",), item.message, item.help)
        return vocabulary

    def parameters(self, faults: list[Diagnostic]) -> list[tuple[Parameter, Reader]]:
        """The dated figures that the page borrows."""
        found: dict[str, tuple[Parameter, Reader]] = {}
        for _, reader in self.of_kind("parameter"):
            reader.faults = faults
            parameter = read_parameter(reader, self.id)
            if parameter is not None and parameter.name in found:
                message = Text(f"有两个参数都叫 `{parameter.name}`", f"two parameters are called `{parameter.name}`")
                reader.fault("page/twice", ("name",), message)
            elif parameter is not None:
                found[parameter.name] = parameter, reader
        return list(found.values())

    def measure_ids(self) -> list[str]:
        """The full ids of the measures of the page, as written."""
        return [f"{self.id}/{reader.data.get('id')}" for _, reader in self.of_kind("measure")]


def draft(page: Page) -> Draft:
    """Reads the YAML of a page. Nothing is raised: faults are in the draft."""
    faults: list[Diagnostic] = []
    if not page.front:
        faults.append(
            page.fault(
                "page/no-front-matter",
                Text("页首没有 `---` 之间的政策信息", "the page does not begin with front matter between `---` lines"),
            )
        )
        return Draft(page, "", Reader(read_yaml("{}", page.name), faults, (), page.name), faults)
    front = _reader(page, page.front, 2, (), faults)
    if front is None:
        return Draft(page, "", Reader(read_yaml("{}", page.name), faults, (), page.name), faults)
    front.only(keys.names(keys.FRONT))
    made = Draft(page, front.text("policy"), front, faults, _lines(front))
    for comment in page.comments:
        if not comment.text.endswith("-->"):
            message = Text("注释没有结束，其后的全部内容都不算", "this comment is not closed: nothing after it counts")
            faults.append(page.fault("page/comment", message, comment.line, Text("补上 `-->`", "close it with `-->`")))
    for block in page.blocks:
        if block.kind not in KINDS:
            _unknown_kind(page, block, faults)
        elif block.kind != "case":  # cases are read when they are run: they are most of a page
            reader = _reader(page, block.text, block.line, (made.id, *block.headings[-1:]), faults)
            if reader is not None:
                made.blocks.append((block, reader))
    return made


def _reader(page: Page, text: str, line: int, breadcrumb: tuple[str, ...], faults: list[Diagnostic]) -> Reader | None:
    try:
        return Reader(read_yaml(text, page.name, line), faults, breadcrumb, page.name)
    except InputFaults as fault:
        faults += fault.diagnostics
        return None


def _unknown_kind(page: Page, block: Block, faults: list[Diagnostic]) -> None:
    shown = block.kind or "```"
    message = Text(f"不认识的块 `{shown}`", f"unknown block `{shown}`")
    help_ = did_you_mean(block.kind, KINDS) or Text("可写：" + "、".join(KINDS), "one of: " + ", ".join(KINDS))
    faults.append(page.fault("page/unknown-block", message, block.line - 1, help_))


def _lines(front: Reader) -> tuple[Line, ...]:
    value: Any = front.data.get("lines", {})
    if not isinstance(value, dict):
        front.fault(
            "page/shape",
            ("lines",),
            Text("`lines` 应写作 `名称: {zh: …, en: …}`", "`lines` is written `name: {zh: …, en: …}`"),
        )
        return ()
    made: list[Line] = []
    for name, item in value.items():
        label = front.bilingual_value(item, ("lines", name))
        if label is None:
            continue
        unknown = set(item) - {"zh", "en", "period"}
        if unknown or item.get("period") not in (None, "year"):
            front.fault(
                "page/shape",
                ("lines", name),
                Text("可写 `zh`、`en` 和 `period: year`", "keys are `zh`, `en` and `period: year`"),
            )
        made.append(Line(name, label, item.get("period") == "year"))
    return tuple(made)


def derived_specs(drafts: Sequence[Draft], vocabulary: Vocabulary, faults: list[Diagnostic]) -> list[Derivation]:
    """Every derived fact, checked, each after those it needs; a cycle or a name twice is a fault."""
    waiting = [(item, block, reader) for item in drafts for block, reader in item.of_kind("derive")]
    specs: dict[str, DerivedSpec] = {}
    made: list[Derivation] = []
    while waiting:
        failed: list[tuple[tuple[Draft, Block, Reader], list[Diagnostic]]] = []
        progress = False
        for item, block, reader in waiting:
            attempt: list[Diagnostic] = []
            reader.faults = attempt
            found = read_derivation(reader, block, item.id, Scope(vocabulary, "enterprise", specs))
            if found is None or attempt:
                failed.append(((item, block, reader), attempt))
                continue
            progress = True
            _unique(found, specs, vocabulary, faults)
            specs[found.name] = DerivedSpec(found.name, found.label, found.subject, found.node.type)
            made.append(found)
        if not progress:
            faults.extend(fault for _, attempt in failed for fault in attempt)
            break
        waiting = [entry for entry, _ in failed]
    return made


def _unique(
    found: Derivation, specs: Mapping[str, DerivedSpec], vocabulary: Vocabulary, faults: list[Diagnostic]
) -> None:
    taken = (
        found.name in specs
        or vocabulary.find(found.subject, found.name)
        or vocabulary.find(found.subject, found.label.zh)
    )
    if taken or any(spec.label.zh == found.label.zh for spec in specs.values()):
        message = Text(
            f"名称 `{found.name}`（{found.label.zh}）已经用过",
            f"the name `{found.name}` ({found.label.zh}) is already taken",
        )
        faults.append(found.origin.fault("page/twice", _WHOLE, message))


def finish(
    item: Draft,
    vocabulary: Vocabulary,
    specs: Mapping[str, DerivedSpec],
    lines: Mapping[str, Line],
    faults: list[Diagnostic],
) -> Policy | None:
    """The checked policy; None where its front matter is not usable. All faults go to `faults`."""
    item.front.faults = faults
    measures: list[Measure] = []
    seen: set[str] = set()
    for block, reader in item.of_kind("measure"):
        reader.faults = faults
        name = str(reader.data.get("id", "?"))
        reader.breadcrumb = (item.id, *block.headings[-1:], name)
        if name in seen:
            reader.fault("page/twice", ("id",), Text(f"有两个措施都叫 `{name}`", f"two measures are called `{name}`"))
        seen.add(name)
        measure = read_measure(reader, block, item.id, vocabulary, specs, lines)
        if measure is not None:
            measures.append(measure)
    return _policy(item, tuple(measures))


def apply(
    measure: Measure,
    amendments: Sequence[Amendment],
    vocabulary: Vocabulary,
    specs: Mapping[str, DerivedSpec],
    lines: Mapping[str, Line],
    faults: list[Diagnostic],
) -> Measure | None:
    """The measure as `amendments`, in their order, leave it; None with its faults noted."""
    names = tuple(dict.fromkeys(item.policy for item in amendments))
    last = [item for item in amendments if item.repeal][-1:]
    if last and last[0] is amendments[-1]:
        return replace(measure, kind="repealed", amended=names)
    reader = Reader(
        read_yaml(measure.block.text, measure.origin.file, measure.block.line), faults, (), measure.origin.file or ""
    )
    readings, block = measure.interpretation, measure.block
    for item in amendments:
        item.reader.faults = faults
        reader = amended(reader, item, faults)
        readings += item.reader.bilinguals("interpretation")
        if "tiers" in item.changes:
            block = replace(block, prose=item.block.prose)  # its table stands above the amendment
    made = read_measure(reader, block, measure.policy, vocabulary, specs, lines)
    return None if made is None else replace(made, amended=names, interpretation=readings)


def _policy(item: Draft, measures: tuple[Measure, ...]) -> Policy | None:
    front = item.front
    if not item.id:
        return None
    title = front.bilingual("title")
    begins, ends = in_force(front)
    level = cast("Level", front.choice("level", keys.LEVELS))
    if title is None or begins is None:
        return None
    return Policy(
        id=item.id, title=title, number=front.text("number"), issuer=front.text("issuer"), level=level,
        places=front.texts("place"), begins=begins, ends=ends, interpreter=front.text("interpreter", required=False),
        checked=front.day("checked", required=False), conflicts=_conflicts(front), measures=measures, derivations=(),
        page=item.page, cases=tuple(block for block in item.page.blocks if block.kind == "case"),
        trust=front.choice("trust", ("A", "B", "C", ""), ""), interpretation=front.bilinguals("interpretation"),
    )  # fmt: skip


def in_force(front: Reader) -> tuple[date | None, date | None]:
    text = front.text("in_force")
    match = _PERIOD.match(text)
    if not match:
        if text:
            front.fault(
                "page/in-force",
                ("in_force",),
                Text(
                    "有效期写作 `2024-06-01 .. 2027-12-31`，没有截止日时写 `2024-06-01 ..`",
                    "write `2024-06-01 .. 2027-12-31`, or `2024-06-01 ..` where no end is known",
                ),
            )
        return None, None
    begins = front.day_of(match.group(1), ("in_force",))
    ends = front.day_of(match.group(2), ("in_force",)) if match.group(2) else None
    if begins and ends and ends < begins:
        front.fault("page/in-force", ("in_force",), Text("截止日早于施行日", "the end is before the beginning"))
    return begins, ends


def _conflicts(front: Reader) -> Conflicts:
    value: Any = front.data.get("conflicts")
    if value is None:
        return Conflicts("highest", (), "top_up", assumed=True)
    if not isinstance(value, dict):
        front.fault(
            "page/shape",
            ("conflicts",),
            Text(
                "`conflicts` 应写作 `{principle: highest, against: [national], received: top_up}`",
                "`conflicts` is written `{principle: highest, against: [national], received: top_up}`",
            ),
        )
        return Conflicts("highest", (), "top_up", assumed=True)
    against = value.get("against", [])
    allowed = {"principle": ("highest",), "received": ("top_up", "exclude")}
    for key, choices in allowed.items():
        if value.get(key, choices[0]) not in choices:
            front.fault(
                "page/choice",
                ("conflicts", key),
                Text(f"`{key}` 可写：" + "、".join(choices), f"`{key}` is one of: " + ", ".join(choices)),
            )
    for index, level in enumerate(against if isinstance(against, list) else [against]):
        if level not in keys.LEVELS:
            front.fault(
                "page/choice",
                ("conflicts", "against", index),
                Text("可写 national、region、city", "one of national, region, city"),
                other_level(str(level)),
            )
    for key in value:
        if key not in ("principle", "against", "received", "yields_to"):
            front.fault("page/unknown-key", ("conflicts", key), Text(f"不认识的键 `{key}`", f"unknown key `{key}`"))
    yields = value.get("yields_to", [])
    return Conflicts(
        "highest",
        tuple(against),
        value.get("received", "top_up"),
        assumed="against" not in value,
        yields_to=(yields,) if isinstance(yields, str) else tuple(map(str, yields)) if isinstance(yields, list) else (),
    )

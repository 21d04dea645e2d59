"""What a decision says beside its outcomes: what was taken for granted, what was not counted, what was not proven."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from conggao.engine.sitting import Sitting
from conggao.facts.diagnostics import Text, did_you_mean
from conggao.facts.units import PURE, show


def notes(sitting: Sitting) -> list[Text]:
    """The notes, in the order in which a reader meets them."""
    found = list(_parameters(sitting))
    if not sitting.resolution.proven:
        found.append(
            Text(
                "申请互相牵连太多，所列是找到的最好方案，未证明没有更好的",
                "too many claims hang together: this is the best plan found, not proven to be the best there is",
            )
        )
    enterprise = sitting.case.enterprise
    if enterprise is None or enterprise.county is None:
        found.append(
            Text(
                "所在县区不明，视为在适用地区之内",
                "the county is unknown and counts as inside the places of the policies",
            )
        )
    return [*found, *_unknown_receipts(sitting), *_odd_receipts(sitting), *_deducted_from_several(sitting)]


def _parameters(sitting: Sitting) -> Iterator[Text]:
    for name, years in sitting.case.parameters.items():
        parameter = sitting.edition.rulebooks.parameters.get(name)
        stated = years.get(sitting.day.year - 1)
        known = parameter.values.get(sitting.day.year - 1) if parameter is not None else None
        if parameter is None:
            hint = did_you_mean(name, sitting.edition.rulebooks.parameters)
            yield _with(
                Text(
                    f"没有政策用到参数 `{name}`，未计入",
                    f"no loaded policy borrows the figure `{name}`; it is not counted",
                ),
                hint,
            )
        elif stated is not None and known is None and Fraction(stated) >= 1:
            told = show(Fraction(stated), PURE, "zh")
            yield Text(
                f"参数 `{name}` 写作 {told}，即 {Fraction(stated) * 100} %；若指 {told}%，请带上百分号",
                f"`{name}` is stated as {told}, that is {Fraction(stated) * 100} %; if {told} % is meant, write the sign",
            )
        elif known is not None and stated is not None and known.value != Fraction(stated):
            yield Text(
                f"参数 `{name}` 以 {parameter.policy} 所载并注明来源的数值为准，案例所写未计入",
                f"`{name}` is that of {parameter.policy}, which has a source; what the case states is not counted",
            )


def _with(said: Text, hint: Text | None) -> Text:
    return said if hint is None else Text(f"{said.zh}（{hint.zh}）", f"{said.en} ({hint.en})")


def _odd_receipts(sitting: Sitting) -> Iterator[Text]:
    """Money received for a subject that the case does not have, or in a year that has not come."""
    for item in sitting.received:
        subject, year = item.receipt.subject, item.receipt.year
        kind, _, _ = (subject or "").partition(":")
        known = [one.name for one in sitting.subjects.get(kind, ())]
        if subject is not None and kind in ("project", "service") and subject not in known:
            yield _with(
                Text(
                    f"已获支持第 {item.index} 条的对象 `{subject}` 不在案例中",
                    f"entry {item.index} of money received is for `{subject}`, which the case does not have",
                ),
                did_you_mean(subject, known),
            )
        if year is not None and year > sitting.day.year:
            yield Text(
                f"已获支持第 {item.index} 条的年份 {year} 在决定日期之后",
                f"the year {year} of entry {item.index} of money received lies after the day of the decision",
            )


def _unknown_receipts(sitting: Sitting) -> Iterator[Text]:
    """Money received under a measure that no loaded rulebook has, or that more than one has."""
    books = sitting.edition.rulebooks
    for item in sitting.received:
        if item.key is not None:
            continue
        name = item.receipt.measure
        several = [measure.key for policy in books.policies for measure in policy.measures if measure.id == name]
        what = (
            Text(
                f"已获支持的措施 `{name}` 在几部政策里都有，须写明其一（{'、'.join(several)}）",
                f"the measure `{name}` of money received stands in several policies, of which one must be named ({', '.join(several)})",
            )
            if several
            else _with(
                Text(
                    f"已获支持的措施 `{name}` 不在所载政策中",
                    f"the measure `{name}` of money received is in no loaded rulebook",
                ),
                books.not_found(name)[1],
            )
        )
        lines = "、".join(sorted(item.lines))
        if lines:
            yield Text(f"{what.zh}，按其支持内容（{lines}）计", f"{what.en}; it counts on its lines ({lines})")
        else:
            yield Text(f"{what.zh}；没有写支持内容，未计入", f"{what.en}; it names no lines and is not counted")


def _deducted_from_several(sitting: Sitting) -> Iterator[Text]:
    """Claims that stack and from each of which the same money received was deducted: a reading that is harder than deducting it once."""
    if not sitting.received:
        return
    stacks = sitting.edition.program.relations.stacks
    plan = set(sitting.resolution.plan)
    reduced = [record for _, record in sitting.records if record.rival and record.key in plan]
    for record in reduced:
        names = [
            other.key[0]
            for other in reduced
            if other.subject.name == record.subject.name
            and record.key < other.key
            and other.key[0] in stacks.get(record.key[0], ())
        ]
        if names:
            measures = [record.key[0], *names]
            yield Text(
                f"从可叠加的 {'、'.join(measures)} 各自扣减已获支持；办法未说是否只扣一次",
                f"money received is deducted from each of {', '.join(measures)}, which stack; the law does not say whether only once",
            )
            return

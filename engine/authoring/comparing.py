"""What a worked case expects against what came: as texts that are equal where they agree, and as a page would state what came."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conggao.engine.decision import Outcome, Range, yuan
from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.documents import read_yaml
from conggao.facts.units import MONEY, QuantityFault, measure, parse_quantity

_WAN = 10_000
_CLOSING = frozenset("[]{},#:\n\t")
"""Signs that end a plain scalar of YAML, somewhere or everywhere."""


def compare(name: str, value: Any, outcome: Outcome) -> tuple[str, str]:
    """What is expected of one key of an outcome and what came, as texts that are equal where they agree."""
    match name:
        case "status":
            return str(value), outcome.status
        case "amount" | "standard":
            found: Range | None = getattr(outcome, name)
            return money(str(value)), shown(found)
        case "difference" | "break_even":
            paid = getattr(outcome, name)
            return in_yuan(str(value)), "–" if paid is None else str(paid)
        case "basis":
            return str(value), outcome.basis or "–"
        case "missing":
            return ", ".join(sorted(_listed(value))), ", ".join(outcome.missing)
        case "superseded_by":
            wanted = sorted(_listed(value))
            return ", ".join(wanted), ", ".join(_named(outcome, whole=any("/" in item for item in wanted)))
        case _:
            return "", ""


def written(name: str, value: Any, outcome: Outcome) -> str:
    """What came, as the key `name` of an expectation states it; empty where there is nothing to state."""
    match name:
        case "status":
            return outcome.status
        case "amount" | "standard":
            return stated(getattr(outcome, name))
        case "difference" | "break_even":
            paid: Decimal | None = getattr(outcome, name)
            return "" if paid is None else stated_yuan(paid)
        case "basis":
            return outcome.basis or ""
        case "missing":
            return _flow(outcome.missing)
        case "superseded_by":
            return _flow(_named(outcome, whole=any("/" in item for item in _listed(value))))
        case _:
            return ""


def written_whole(outcome: Outcome) -> str:
    """The shortest expectation of an outcome: its amount where it is granted, else its status."""
    return stated(outcome.amount) if outcome.status == "granted" and outcome.amount is not None else outcome.status


def written_fully(outcome: Outcome, failed: Sequence[str]) -> str:
    """An expectation with its ground: the first false condition as written, or the facts that are missing."""
    if outcome.status == "unmet" and failed:
        return f"{{status: unmet, because: {scalar(failed[0])}}}"
    if outcome.status == "undetermined" and outcome.missing:
        return f"{{status: undetermined, missing: {_flow(outcome.missing)}}}"
    return written_whole(outcome)


def shown(found: Range | None) -> str:
    """An interval of money as the two ends in yuan."""
    return "–" if found is None else _ends(str(found.low), "" if found.high is None else str(found.high))


def stated(found: Range | None) -> str:
    """An interval as a page states it: `100 万元`, `0 .. 500 万元`, `0 元 ..`; `money` reads it back."""
    if found is None:
        return ""
    if found.high is None:
        return f"{stated_yuan(found.low)} .."
    if found.low == found.high:
        return stated_yuan(found.low)
    ends = Fraction(found.low), Fraction(found.high)
    if all(end % _WAN == 0 for end in ends):
        return f"{ends[0] // _WAN} .. {ends[1] // _WAN} 万元"
    return f"{_plain(found.low)} .. {_plain(found.high)} 元"


def stated_yuan(amount: Decimal) -> str:
    """`100 万元` where that is a whole number, else `1234.56 元`."""
    value = Fraction(amount)
    return f"{value // _WAN} 万元" if value and value % _WAN == 0 else f"{_plain(amount)} 元"


def stated_quantity(value: Fraction, like: str) -> str | None:
    """`value` in base units in the unit that `like` is written in; None where it has no end in decimals."""
    found = measure(like).unit
    number = value / (found.factor if found else 1)
    odd = number.denominator
    places = 0
    while odd % 10 == 0 or odd % 5 == 0 or odd % 2 == 0:
        odd //= 10 if odd % 10 == 0 else 5 if odd % 5 == 0 else 2
        places += 1
    if odd != 1:
        return None
    digits = _plain(Decimal(int(number * 10**places)).scaleb(-places))
    symbol = "" if found is None else found.symbol
    return digits + (symbol if symbol in ("", "%") else f" {symbol}")


def money(text: str) -> str:
    """`100 万元`, `0 .. 500 万元` or `0 ..` as the two ends in yuan."""
    low, dots, high = text.partition("..")
    if not dots:
        return in_yuan(text)
    if not high.strip():
        return _ends(in_yuan(low), "")
    # `0 .. 500 万元`: the unit stands once, at the end.
    unit = high.strip().lstrip("0123456789.,") if low.strip().replace(".", "").isdigit() else ""
    return _ends(in_yuan(f"{low.strip()} {unit}".strip()), in_yuan(high))


def in_yuan(text: str) -> str:
    """An amount of money in yuan with two decimals; another text as it is."""
    try:
        value = parse_quantity(text)
    except QuantityFault:
        return text.strip()
    if value.dimension not in (MONEY, ()) or (not value.dimension and value.value):
        return text.strip()
    fen = value.value * 100
    return str(yuan(int(fen))) if fen.denominator == 1 else text.strip()


def reason(outcome: Outcome) -> Text | None:
    """Why an outcome is what it is, in a line."""
    failed = [condition for condition in outcome.conditions if condition.truth is False]
    if failed:
        said = f"{failed[0].text}" + (f"：{failed[0].value}" if failed[0].value else "")
        return Text(f"不满足 {said}", f"not met: {said}")
    if outcome.missing:
        return Text("缺 " + "、".join(outcome.missing), "missing " + ", ".join(outcome.missing))
    if outcome.steps:
        steps = [step.text for step in outcome.steps[:2]]
        return Text("；".join(steps), "; ".join(steps))
    if outcome.notes:
        return Text(outcome.notes[0], outcome.notes[0])
    return None


def scalar(text: str) -> str:
    """`text` as a scalar of YAML on one line that reads back as the same text, within brackets and without."""
    if not _CLOSING & set(text) and _reads_back(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _reads_back(text: str) -> bool:
    try:
        return bool(
            read_yaml(f"a: {text}\nb: [{{c: {text}, d: {text}}}]").data == {"a": text, "b": [{"c": text, "d": text}]}
        )
    except InputFaults:
        return False


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _listed(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _named(outcome: Outcome, *, whole: bool) -> list[str]:
    return sorted(item if whole else item.rpartition("/")[2] for item in outcome.superseded_by)


def _flow(items: Any) -> str:
    return "[" + ", ".join(scalar(str(item)) for item in items) + "]" if items else ""


def _ends(low: str, high: str) -> str:
    return low if low == high else f"{low} .. {high}".rstrip()


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

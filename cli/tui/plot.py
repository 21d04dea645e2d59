"""The money of the enterprise against one fact, drawn in the terminal. Every point is decided; floats only place it on the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from rich.console import Group, RenderableType
from rich.text import Text as Line

from conggao.cli.tui.session import Session, State
from conggao.cli.tui.sheet import Row, readable, stated
from conggao.engine.probe import Probe
from conggao.facts.diagnostics import InputFaults, Lang, Text
from conggao.facts.units import MONEY, unit_symbol

POINTS = 161
_ENOUGH = 3
"""Points of which a line is made, at least."""
_UP = {
    "zh": ((10**8, "亿元"), (10**4, "万元"), (1, "元")),
    "en": ((10**6, "million CNY"), (10**3, "thousand CNY"), (1, "CNY")),
}
_ACROSS = {"zh": ((10**8, "亿"), (10**4, "万"), (1, "")), "en": ((10**6, "million "), (10**3, "thousand "), (1, ""))}
Point = tuple[Fraction, int, int | None]
"""A value of the fact in base units, and the total at it in fen: what is sure, and the most (None: open)."""

NO_NUMBER = Text("只有数量可以画图：把光标移到一项数量上。", "only quantities can be plotted: put the cursor on one.")
FLAT = Text("在此范围内资金不随它变化。", "the money does not depend on it in this range.")
LEGEND = Text("实线 有把握的；点线 经核定最多；│ 现在", "line: what is sure; dots: the most; │ now")


def curve(session: Session, state: State, row: Row, points: int = POINTS) -> list[Point]:
    """The total of the enterprise along the fact from nothing to twice what it is; without a value, to that of a large case."""
    value = stated(row, state.document)
    now = Fraction(Decimal(str(value))) if value is not None else Fraction(0)
    top = 2 * now or _usual(row)
    if row.kind == "integer":
        top = Fraction(math.ceil(top))
        points = min(points, int(top) + 1)
    probe = Probe(session.engine, state.case)
    path = row.path
    found: list[Point] = []
    places = sorted({_place(top * n / (points - 1), row) for n in range(points)} | {now})
    for place in places:
        try:
            money = probe.money({path: place if row.kind == "quantity" else int(place)})
        except InputFaults:
            # A value that cannot be, such as one that what was received contradicts.
            continue
        low, high = money.totals.get("enterprise", (0, 0))
        found.append((place, low, high))
    return found


def _usual(row: Row) -> Fraction:
    """As far as one looks where the case states nothing."""
    return Fraction(20_000_000) if row.dimension == MONEY else Fraction(50_000) if row.dimension else Fraction(100)


def _place(value: Fraction, row: Row) -> Fraction:
    """Cut to a whole unit that the fact can have: a fen, a thousandth, a whole number."""
    scale = 1 if row.kind == "integer" else 100 if row.dimension == MONEY else 1000
    return Fraction(value * scale // 1, scale)


def plot_view(session: Session, state: State, row: Row, width: int, height: int) -> RenderableType:
    """The picture with its title and legend, `width` cells by `height` lines; a sentence where there is nothing to draw."""
    lang = session.lang
    title = Line(row.label.of(lang).strip(), style="bold")
    title.append(f"  {row.key}", style="dim")
    if row.kind not in ("quantity", "integer") or row.path.name.endswith("year"):
        return Group(title, Line(NO_NUMBER.of(lang), style="yellow"))
    points = curve(session, state, row)
    if len(points) < _ENOUGH:
        return Group(title, Line(FLAT.of(lang), style="yellow"))
    value = stated(row, state.document)
    now = None if value is None else Fraction(Decimal(str(value)))
    if len({(low, high) for _, low, high in points}) == 1:
        first, last = (readable(points[at][0], row.dimension, lang) for at in (0, -1))
        return Group(title, Line(f"{first} – {last}: {FLAT.of(lang)}", style="yellow"))
    drawn, up, across = _drawn(points, row, now, lang, width, max(height - 2, 5))
    unit = f"{across}{unit_symbol(row.dimension, lang)}".strip()
    axes = Text(f"纵轴 {up}，横轴 {unit or '个'}", f"up: {up}; across: {unit or 'units'}").of(lang)
    return Group(title, Line.from_ansi(drawn), Line(f"{axes}   {LEGEND.of(lang)}", style="dim"))


def _drawn(
    points: Sequence[Point], row: Row, now: Fraction | None, lang: Lang, width: int, height: int
) -> tuple[str, str, str]:
    """The picture, what its height counts and what its width counts."""
    import plotext  # type: ignore[import-untyped]

    most = max(high if high is not None else low for _, low, high in points)
    up, money = next((f, n) for f, n in _UP[lang] if most >= f * 100 or f == 1)
    over, unit = next((f, n) for f, n in _ACROSS[lang] if points[-1][0] >= f or f == 1)
    xs = [float(x / over) for x, _, _ in points]
    # The window may be larger than the terminal that plotext knows of, as in a browser.
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(width, height)
    top = max(most / 100 / up, 1e-9)
    if now is not None:
        here = float(now / over)
        figure.draw(
            figure.signal([here] * 3 * height, [top * n / (3 * height - 1) for n in range(3 * height)], marker="│")
        )
    open_ = [(x, high / 100 / up) for x, (_, low, high) in zip(xs, points, strict=True) if high not in (None, low)]
    if open_:
        figure.draw(figure.signal([x for x, _ in open_], [y for _, y in open_], marker="·"))
    figure.draw(figure.signal(xs, [low / 100 / up for _, low, _ in points], marker="braille").lines())
    for name, low, high in (("x", xs[0], xs[-1]), ("y", 0.0, top)):
        places = _round_numbers(low, high)
        figure.ruler(name, 0).lim(low, high)
        figure.ruler(name, 0).ticks(places, [f"{place:,.10g}" for place in places])
    text = figure.build().string()
    figure.clear()
    return text.rstrip("\n"), money, unit


def _round_numbers(low: float, high: float) -> list[float]:
    """Some four round numbers from `low` to `high`."""
    rough = (high - low) / 4 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * 0.999)
    return [round(step * n, 9) for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]

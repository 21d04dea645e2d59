"""The money of the enterprise against one fact, drawn in the terminal, with every value at which something turns.

The sweep decides; floats only place its points on the screen.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from rich.console import Group, RenderableType
from rich.text import Text as Line

from conggao.cli.plots import axis_title, line_of, unit_of
from conggao.cli.sweep import events_view
from conggao.cli.tui.session import Session, State
from conggao.cli.tui.sheet import Row, stated
from conggao.engine import Engine
from conggao.engine.analysis.sweep import Sweep, sweep
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.units import MONEY

POINTS = 161
WIDE = 76
_LOWEST = 7
"""Lines of the lowest picture."""
_USUAL, _USUAL_OTHERWISE, _USUAL_COUNT = 20_000_000, 50_000, 100
"""As far as one looks where the case states nothing: money, other quantities, counts."""

WORKING = Text("正在计算……", "working …")
NO_NUMBER = Text("只有数量可以画图：把光标移到一项数量上。", "only quantities can be plotted: put the cursor on one.")
FLAT = Text("在此范围内资金不随它变化：{} – {}", "the money does not depend on it in this range: {} – {}")
LEGEND = Text("线 有把握的；点 经核定最多；│ 现在", "line: what is sure; dots: the most; │ now")


def swept(session: Session, state: State, row: Row) -> Sweep:
    """The total of the enterprise along the fact from nothing to twice what it is; without a value, to that of a large case.

    Raises InputFaults where the fact is no quantity, or the case cannot be swept.
    """
    if row.kind not in ("quantity", "integer") or row.path.name.endswith("year"):
        raise InputFaults([Diagnostic("plot/not-a-number", NO_NUMBER)])
    now = present(state, row)
    top = 2 * (now or 0) or (
        _USUAL_COUNT if row.kind == "integer" else _USUAL if row.dimension == MONEY else _USUAL_OTHERWISE
    )
    if row.path.owner == "parameter":
        top = 2 * (now or 0) or Fraction(1, 5)
    end = format(Decimal(top.numerator) / Decimal(top.denominator), "f") if isinstance(top, Fraction) else str(top)
    return sweep(session.engine, state.case, f"{row.key}=0..{end}", points=POINTS)


def present(state: State, row: Row) -> Fraction | None:
    """What the case states of the fact, in base units."""
    value = stated(row, state.document)
    return None if value is None else Fraction(Decimal(str(value)))


def heading(row: Row, lang: Lang) -> Line:
    """The fact by its label and its path."""
    title = Line(row.label.of(lang).strip(), style="bold")
    title.append(f"  {row.key}", style="dim")
    return title


def plot_view(
    engine: Engine, found: Sweep, row: Row, now: Fraction | None, lang: Lang, width: int, height: int
) -> RenderableType:
    """The picture, `width` cells by `height` lines with its title and legend; below it where something turns."""
    axis = found.axes[0]
    events = events_view(engine, found, lang, wide=width >= WIDE)
    if len({(point.low, point.high) for point in found.points}) == 1 and not found.events:
        flat = FLAT.of(lang).format(axis.show(axis.low, lang), axis.show(axis.high, lang))
        return Group(heading(row, lang), Line(flat, style="yellow"))
    # Where the window is high, what turns is seen beside the picture; else it is scrolled to.
    below = min(len(found.events) + 2, height // 3)
    drawn, up = _drawn(found, now, lang, width, max(height - 2 - (below if height > _LOWEST * 2 else 0), _LOWEST))
    across = axis_title(axis, lang)[1]
    axes = Text(f"纵轴 {up}，横轴 {across}", f"up: {up}; across: {across}").of(lang)
    legend = Line(f"{axes}   {LEGEND.of(lang)}", style="dim")
    return Group(heading(row, lang), Line.from_ansi(drawn, no_wrap=True), legend, Line(""), events)


def _drawn(found: Sweep, now: Fraction | None, lang: Lang, width: int, height: int) -> tuple[str, str]:
    """The picture, and what its height counts."""
    import plotext  # type: ignore[import-untyped]

    rows = line_of(found)
    across, _ = axis_title(found.axes[0], lang)
    most = max(high if high is not None else low for _, low, high in rows)
    up, money = unit_of(MONEY, most, lang)
    top = max(most / up, 1e-9)
    xs = [x / across for x, _, _ in rows]
    # The window may be larger than the terminal that plotext knows of, as in a browser.
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(width, height)
    if now is not None:
        here, steps = float(now / across), 3 * height
        figure.draw(figure.signal([here] * steps, [top * n / (steps - 1) for n in range(steps)], marker="│"))
    beyond = [(x, high / up) for x, (_, low, high) in zip(xs, rows, strict=True) if high not in (None, low)]
    if beyond:
        figure.draw(figure.signal([x for x, _ in beyond], [y for _, y in beyond], marker="·"))
    figure.draw(figure.signal(xs, [low / up for _, low, _ in rows], marker="braille").lines())
    cliffs = [event for event in found.events if event.cliff]
    if cliffs:
        at = [float(event.value) / across for event in cliffs]
        figure.draw(figure.signal(at, [event.drawn[1][0] / 100 / up for event in cliffs], marker="▼"))
    for name, low, high in (("x", xs[0], xs[-1]), ("y", 0.0, top)):
        places = _round_numbers(low, high)
        figure.ruler(name, 0).lim(low, high)
        figure.ruler(name, 0).ticks(places, [f"{place:,.10g}" for place in places])
    text = str(figure.build().string())
    figure.clear()
    return text.rstrip("\n"), money


def _round_numbers(low: float, high: float) -> list[float]:
    """Some four round numbers from `low` to `high`."""
    rough = (high - low) / 4 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * 0.999)
    return [round(step * n, 9) for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]

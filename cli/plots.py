"""Pictures of a sweep: in the terminal, and as PNG, SVG or a page of HTML that opens without a network.

Numbers become floats here, and only here: a picture decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from conggao.engine import pictures
from conggao.engine.analysis.sweep import Point, Sweep
from conggao.engine.analysis.sweep.axis import Axis
from conggao.engine.labels import RECIPIENTS
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.units import MONEY, Dimension, unit_symbol

SUFFIXES = (".png", ".svg", ".html")
INSTALL = 'pip install "conggao[plot]"'
HEIGHT = 16
OPEN_ROOF = 1.25  # how far above the highest amount the picture ends where an upper limit is open
_RAMP = " ·:-=+*#%@"
_UNITS: dict[Lang, tuple[tuple[int, str], ...]] = {
    "zh": ((10**8, "亿"), (10**4, "万")),
    "en": ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")),
}


def check_plot(path: Path, case: Path) -> None:
    """Raises InputFaults where no picture can be drawn into `path`: before anything is decided."""
    message: Text | None = None
    hint = Text("文件名应以 .png、.svg 或 .html 结尾", "the name must end in .png, .svg or .html")
    if path.suffix.lower() not in SUFFIXES:
        message = Text(
            f"不知道怎样画成 `{path.suffix or path.name}`", f"`{path.suffix or path.name}` is no kind of picture"
        )
    elif path.exists() and (not path.is_file() or (case.exists() and path.samefile(case))):
        message, hint = Text("不能写到这里", "this cannot be written over"), Text("换一个文件名", "give another name")
    elif not path.parent.is_dir():
        message, hint = Text("没有这个文件夹", "there is no such folder"), Text("换一个文件名", "give another name")
    elif not pictures.available():
        message = Text("画图需要 altair 和 vl-convert-python", "a picture needs altair and vl-convert-python")
        hint = Text(f"安装：{INSTALL}", f"install them: {INSTALL}")
    if message is not None:
        raise InputFaults([Diagnostic("plot/file", message, path=str(path), help=hint)])


def unit_of(dimension: Dimension, most: float, lang: Lang) -> tuple[int, str]:
    """By what to divide base units for a scale up to `most`, and what it is then called: (10000, 万元), (1000000, CNY million)."""
    symbol = ("CNY" if lang == "en" else "元") if dimension == MONEY else unit_symbol(dimension, lang)
    for factor, word in _UNITS[lang]:
        if most >= factor:
            if lang == "zh":
                return factor, f"{word}{symbol}"
            return factor, f"{symbol} {word}".strip() if dimension == MONEY else f"{word} {symbol}".strip()
    return 1, symbol


def axis_title(axis: Axis, lang: Lang) -> tuple[int, str]:
    """By what the values of an axis are divided, and its name with the unit."""
    factor, unit = unit_of(axis.dimension, float(axis.value(axis.high)), lang)
    return factor, f"{axis.label.of(lang)}{f' ({unit})' if unit else ''}"


def line_of(found: Sweep) -> list[tuple[float, float, float | None]]:
    """Points of a line with both sides of every event: value in base units, sure and highest total in yuan."""
    axis = found.axes[0]
    rows = {int(point.values[0] * axis.per): (point.low, point.high) for point in found.points}
    for event in found.events:
        rows[event.count - 1], rows[event.count] = event.drawn
    return [
        (float(axis.value(count)), low / 100, None if high is None else high / 100)
        for count, (low, high) in sorted(rows.items())
    ]


# -- in the terminal -----------------------------------------------------------------------------------------------------


def terminal_line(found: Sweep, lang: Lang, width: int, *, colours: bool) -> str | None:
    """The line as text of `width` columns; None where plotext is not installed."""
    try:
        plotext: Any = import_module("plotext")
    except ModuleNotFoundError:
        return None
    axis = found.axes[0]
    rows = line_of(found)
    across, title = axis_title(axis, lang)
    top = max(high if high is not None else low for _, low, high in rows)
    up, money = unit_of(MONEY, top, lang)
    figure = plotext.figure
    figure.clear()
    figure.theme("simple" if colours else "colorless")
    figure.plot_size(width, HEIGHT)
    xs = [x / across for x, _, _ in rows]
    highs = [(x, high / up) for x, (_, low, high) in zip(xs, rows, strict=True) if high is not None and high != low]
    if highs:
        figure.draw(figure.signal([x for x, _ in highs], [y for _, y in highs], marker="·"))
    opened = [x for x, (_, _, high) in zip(xs, rows, strict=True) if high is None]
    if opened:
        figure.draw(figure.signal(opened, [max(top / up, 1e-9)] * len(opened), marker="↑"))
    figure.draw(figure.signal(xs, [low / up for _, low, _ in rows], marker="braille").lines())
    cliffs = [event for event in found.events if event.cliff]
    if cliffs:
        at = [float(event.value) / across for event in cliffs]
        figure.draw(figure.signal(at, [event.drawn[1][0] / 100 / up for event in cliffs], marker="▼"))
    ends = xs[0], xs[-1]
    places = _ticks(*ends)
    figure.ruler("x", 0).lim(*ends)
    figure.ruler("x", 0).ticks(places, [_tick(place) for place in places])
    levels = _ticks(0, top / up)
    figure.ruler("y", 0).lim(0, max(top / up, 1e-9))
    figure.ruler("y", 0).ticks(levels, [_tick(level) for level in levels])
    drawn = figure.build().string()
    figure.clear()
    text = drawn if colours else plotext.uncolorize(drawn)
    who = RECIPIENTS[found.recipient]
    legend = Text(
        f"纵轴 {who.zh}可得资金（{money}），横轴 {title}", f"up: money of the {who.en} ({money}); across: {title}"
    ).of(lang)
    if highs:
        legend += Text("；点线为经核定最多", "; dots: the most that discretion allows").of(lang)
    if opened:
        legend += Text("；↑ 上限未定", "; ↑ no upper limit is set").of(lang)
    if cliffs:
        legend += Text("；▼ 断崖", "; ▼ cliffs").of(lang)
    return "\n".join([*(line.rstrip() for line in text.rstrip("\n").splitlines()), legend])


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, some four steps apart."""
    rough = (high - low) / 4 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * 0.999)
    return [step * n for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _tick(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"  # noqa: PLR2004 - four digits


def terminal_map(found: Sweep, lang: Lang, width: int) -> str:
    """The heat map of two facts in characters, from the least (a blank) to the most (`@`): the second fact across, the first upwards."""
    first, second = found.axes
    rows = rows_of(found.points)
    least, most = min(point.low for point in found.points), max(point.low for point in found.points)
    up, title = axis_title(first, lang)
    across, other = axis_title(second, lang)
    names = [_tick(float(row[0].values[0]) / up) for row in rows]
    margin = max(len(name) for name in names) + 1
    columns = min(width - margin - 2, 2 * len(rows[0]))
    height = min(len(rows), HEIGHT + 4)
    lines = []
    for n in reversed(range(height)):
        at = n * (len(rows) - 1) // max(1, height - 1)
        row = rows[at]
        cells = [row[k * (len(row) - 1) // max(1, columns - 1)].low for k in range(columns)]
        shades = "".join(_RAMP[(cell - least) * (len(_RAMP) - 1) // max(1, most - least)] for cell in cells)
        name = names[at] if n % 4 == 0 or n == height - 1 else ""
        lines.append(f"{name:>{margin}}│{shades}│")
    start, end = (_tick(float(row.values[1]) / across) for row in (rows[0][0], rows[0][-1]))
    lines.append(f"{'':>{margin}}└{'─' * columns}┘")
    lines.append(f"{'':>{margin}} {start}{end:>{max(1, columns - len(start))}}")
    factor, unit = unit_of(MONEY, most / 100, lang)
    low, high = (_tick(fen / 100 / factor) for fen in (least, most))
    lines.append(Text(f"纵轴 {title}，横轴 {other}", f"up: {title}; across: {other}").of(lang))
    lines.append(Text(f"空白 {low} 至 `@` {high}（{unit}）", f"from a blank, {low}, to `@`, {high} ({unit})").of(lang))
    return "\n".join(lines)


def rows_of(points: Sequence[Point]) -> list[list[Point]]:
    """Points of two facts, one row a value of the first."""
    rows: dict[Any, list[Point]] = {}
    for point in points:
        rows.setdefault(point.values[0], []).append(point)
    return list(rows.values())


# -- as a file -----------------------------------------------------------------------------------------------------------


def save_plot(found: Sweep, path: Path, lang: Lang, told: Sequence[str]) -> None:
    """Draws the sweep into `path`; `told` says each event in words. Raises InputFaults where it cannot be written."""
    chart = _map(found, lang) if len(found.axes) > 1 else _line(found, lang, told)
    pictures.save(chart.configure_axis(labelFontSize=12, titleFontSize=13), path)


def _line(found: Sweep, lang: Lang, told: Sequence[str]) -> Any:
    altair: Any = import_module("altair")

    axis = found.axes[0]
    rows = line_of(found)
    across, title = axis_title(axis, lang)
    top = max(high if high is not None else low for _, low, high in rows)
    opened = any(high is None for _, _, high in rows)
    up, money = unit_of(MONEY, top, lang)
    sure, most = Text("确定", "sure").of(lang), Text("最多", "at most").of(lang)
    roof = max(top / up, 1e-9) * OPEN_ROOF
    open_word = Text("未定", "open").of(lang)
    values = [
        {"x": x / across, "low": low / up, "high": roof if high is None else high / up,
         "most": open_word if high is None else f"{high / up:,.6g}"}
        for x, low, high in rows
    ]  # fmt: skip
    events = [
        {"x": float(event.value) / across, "text": text, "gain": event.gain / 100, "cliff": event.cliff,
         "low": event.drawn[1][0] / 100 / up}
        for event, text in zip(found.events, told, strict=True)
    ]  # fmt: skip
    x = altair.X("x:Q", title=title, scale=altair.Scale(nice=False))
    y_title = f"{Text('金额', 'money').of(lang)} ({money})"
    base = altair.Chart(altair.Data(values=values))
    tooltip = [
        altair.Tooltip("x:Q", title=title),
        altair.Tooltip("low:Q", title=sure),
        altair.Tooltip("most:N", title=most),
    ]
    # Where no upper limit is set the band leaves the picture at the top.
    levels = altair.Scale(domain=[0, roof if opened else max(top / up, 1e-9) * 1.05], clamp=True, nice=not opened)
    y = altair.Y("low:Q", title=y_title, scale=levels)
    layers = [
        base.mark_area(opacity=0.2, color="#4c78a8").encode(x=x, y=y, y2="high:Q"),
        base.mark_line(color="#4c78a8", strokeWidth=2).encode(x=x, y=y, tooltip=tooltip),
    ]
    if events:
        marked = altair.Chart(altair.Data(values=events))
        colour = altair.condition("datum.cliff", altair.value("#d62728"), altair.value("#888888"))
        says = [
            altair.Tooltip("text:N", title=Text("变化", "what turns").of(lang)),
            altair.Tooltip("gain:Q", title=Text("增减（元）", "gain (CNY)").of(lang)),
        ]
        layers.append(marked.mark_rule(strokeDash=[4, 3]).encode(x="x:Q", color=colour, tooltip=says))
        layers.append(
            marked.mark_point(filled=True, size=70, opacity=1).encode(x="x:Q", y="low:Q", color=colour, tooltip=says)
        )
    drawn = Text(
        "线：确定；色带：经核定最多；虚线：转折，红色为断崖",
        "line: sure; band: the most that discretion allows; dashes: where something turns, red for a cliff",
    )
    if opened:
        told_open = Text("；色带达到图顶处上限未定", "; where the band reaches the top no upper limit is set")
        drawn = Text(drawn.zh + told_open.zh, drawn.en + told_open.en)
    return altair.layer(*layers).properties(width=640, height=360, title=_title(found, lang, drawn))


def _map(found: Sweep, lang: Lang) -> Any:
    altair: Any = import_module("altair")

    first, second = found.axes
    up, title = axis_title(first, lang)
    across, other = axis_title(second, lang)
    factor, unit = unit_of(MONEY, max(point.low for point in found.points) / 100, lang)
    rows = rows_of(found.points)
    ys, xs = (
        _edges([float(row[0].values[0]) / up for row in rows]),
        _edges([float(p.values[1]) / across for p in rows[0]]),
    )
    values = [
        {
            "x": xs[k], "x2": xs[k + 1], "y": ys[n], "y2": ys[n + 1], "low": point.low / 100 / factor, "edge": point.low / 100 / factor,
            "at": float(point.values[1]) / across, "up": float(point.values[0]) / up,
        }
        for n, row in enumerate(rows)
        for k, point in enumerate(row)
    ]  # fmt: skip
    money = f"{Text('金额', 'money').of(lang)} ({unit})"
    flat, shades = altair.Scale(nice=False, zero=False), altair.Scale(scheme="viridis")
    return (
        altair.Chart(altair.Data(values=values))
        .mark_rect()
        .encode(
            x=altair.X("x:Q", title=other, scale=flat),
            x2="x2:Q",
            y=altair.Y("y:Q", title=title, scale=flat),
            y2="y2:Q",
            fill=altair.Fill("low:Q", title=money, scale=shades),
            stroke=altair.Stroke("edge:Q", legend=None, scale=shades),  # no seams between the cells
            tooltip=[
                altair.Tooltip("at:Q", title=other),
                altair.Tooltip("up:Q", title=title),
                altair.Tooltip("low:Q", title=money),
            ],
        )
        .properties(width=520, height=420, title=_title(found, lang, Text("确定的金额", "what is sure")))
    )


def _edges(values: Sequence[float]) -> list[float]:
    """The bounds of the cells around evenly spread values."""
    between = [(a + b) / 2 for a, b in pairwise(values)]
    return [values[0], *between, values[-1]]


def _title(found: Sweep, lang: Lang, drawn: Text) -> dict[str, Any]:
    facts = " × ".join(axis.label.of(lang) for axis in found.axes)
    who = RECIPIENTS[found.recipient]
    money = Text(f"{who.zh}可得资金", f"money of the {who.en}").of(lang)
    what = found.measure.rpartition("/")[2] if found.measure else money
    return {"text": f"{what} · {facts} · {found.as_of}", "subtitle": drawn.of(lang), "subtitleColor": "#555555"}

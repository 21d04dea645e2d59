"""Charts of Altair as files and as SVG, with letters that show Chinese."""

from __future__ import annotations

import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conggao.facts.writing import write_whole

FONT = "Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Micro Hei, Microsoft YaHei, PingFang SC, sans-serif"


def available() -> bool:
    """Whether pictures can be drawn here."""
    return find_spec("altair") is not None and find_spec("vl_convert") is not None


def svg(chart: Any) -> str:
    """The picture as SVG text."""
    converter: Any = import_module("vl_convert")
    drawn: str = converter.vegalite_to_svg(chart.configure(font=FONT).to_dict())
    return drawn


def save(chart: Any, path: Path) -> None:
    """Writes a picture as PNG, SVG or a page that opens without a network. Raises InputFaults where it cannot be written."""
    chart = chart.configure(font=FONT)
    suffix = path.suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"plot{suffix}"
        if suffix == ".html":
            made.write_text(chart.to_html(inline=True, fullhtml=True), encoding="utf-8")
        elif suffix == ".png":
            chart.save(str(made), ppi=144)
        else:
            chart.save(str(made))
        write_whole(made.read_bytes(), path)

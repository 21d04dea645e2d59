"""Writing to the terminal: consoles, money, and faults for people or machines."""

from __future__ import annotations

import json
import os
import sys

from rich.console import Console

from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text, as_json, render

NARROWEST = 40
WIDTH_IN_A_PIPE = 100


def console(*, stderr: bool = False) -> Console:
    """A console on the terminal; in a pipe plain text of a fixed width."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = WIDTH_IN_A_PIPE
    made.width = max(made.width, NARROWEST)
    return made


def print_json(text: str) -> None:
    """JSON as it is: no colours, no wrapping."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def print_faults(faults: InputFaults, lang: Lang, *, machine: bool = False) -> None:
    """Every fault, on the error stream; as one JSON object for machines."""
    if machine:
        listed = {"faults": [as_json(item) for item in faults.diagnostics]}
        sys.stderr.write(json.dumps(listed, ensure_ascii=False, indent=1) + "\n")
        return
    out = console(stderr=True)
    for item in faults.diagnostics:
        style = {"error": "red", "warning": "yellow", "note": "dim"}[item.severity]
        first, _, rest = render(item, lang, faults.sources).partition("\n")
        out.print(first, style=style, markup=False, soft_wrap=True)
        if rest:
            out.print(rest, markup=False, soft_wrap=True)
    errors = sum(1 for item in faults.diagnostics if item.severity == "error")
    if errors > 1:
        out.print(Text(f"共 {errors} 处错误", f"{errors} errors").of(lang), style="red")


def plain(item: Diagnostic, lang: Lang) -> str:
    """A diagnostic on one line."""
    return f"{item.path}: {item.message.of(lang)}" if item.path else item.message.of(lang)

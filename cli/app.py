"""The program `conggao`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper

import typer

from conggao.cli.options import language
from conggao.cli.output import print_faults
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

COMMANDS: Mapping[str, str] = {
    "decide": "decide", "explain": "explain", "whatif": "whatif", "sweep": "sweep", "seek": "seek", "interview": "interview",
    "tui": "tui.command", "batch": "batch", "reform": "reform", "population": "population",
}  # fmt: skip
"""The module of each command, which has its name."""
GROUPS: Mapping[str, str] = {"policy": "policy", "ledger": "ledger", "serve": "serve.command"}
"""The module of each group of commands, which has it as `app`."""


def program(wanted: str | None = None) -> typer.Typer:
    """The program with all its commands, or with the one wanted alone: to import the others takes longer than to decide."""
    app = typer.Typer(
        name="conggao",
        help="从高：企业可以领取哪些政策支持，为什么。 What an enterprise may claim, and why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_nothing)
    for name, module in COMMANDS.items():
        if wanted in (None, name):
            app.command()(getattr(import_module(f"conggao.cli.{module}"), name))
    for name, module in GROUPS.items():
        if wanted in (None, name):
            app.add_typer(import_module(f"conggao.cli.{module}").app, name=name)
    return app


def _nothing() -> None:
    """Makes of a single command a group with one command."""


BAD_INPUT = 2


def main() -> None:
    """Runs the program. Bad input ends it with exit code 2 and a message a fault; never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows `?`, and the rest
    try:
        first = sys.argv[1] if len(sys.argv) > 1 else ""
        program(first if first in COMMANDS or first in GROUPS else None)()
        sys.stdout.flush()
    except InputFaults as faults:
        arguments = sys.argv[1:]
        print_faults(faults, language(_asked(arguments)), machine="--json" in arguments)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader has gone; nothing is left to say, and Python's own flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        # The disk is full, or the terminal is gone.
        message = Text(f"写不出结果：{error.strerror}", f"the result cannot be written: {error.strerror}")
        print_faults(InputFaults([Diagnostic("output/failed", message)]), language(_asked(sys.argv[1:])))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BAD_INPUT)


def _asked(arguments: list[str]) -> str | None:
    """The language asked for, as far as the arguments say one."""
    for index, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in ("zh", "en"):
            return value
    return None


if __name__ == "__main__":
    main()

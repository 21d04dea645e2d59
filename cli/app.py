"""The program `conggao`."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import typer

from conggao.cli import ledger, policy
from conggao.cli.batch import batch
from conggao.cli.decide import decide
from conggao.cli.explain import explain
from conggao.cli.interview import interview
from conggao.cli.options import language
from conggao.cli.output import print_faults
from conggao.cli.population import population
from conggao.cli.reform import reform
from conggao.cli.seek import seek
from conggao.cli.serve import command as service
from conggao.cli.sweep import sweep
from conggao.cli.tui.command import tui
from conggao.cli.whatif import whatif
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

app = typer.Typer(
    name="conggao",
    help="从高：企业可以领取哪些政策支持，为什么。 What an enterprise may claim, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(decide)
app.command()(explain)
app.command()(whatif)
app.command()(sweep)
app.command()(seek)
app.command()(interview)
app.command()(tui)
app.command()(batch)
app.command()(reform)
app.command()(population)
app.add_typer(policy.app, name="policy")
app.add_typer(ledger.app, name="ledger")
app.add_typer(service.app, name="serve")

BAD_INPUT = 2


def main() -> None:
    """Runs the program. Bad input ends it with exit code 2 and a message a fault; never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows `?`, and the rest
    try:
        app()
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

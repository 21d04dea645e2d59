"""Runs the program as a user does, and the `console` blocks of a document."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)


def run(*arguments: str, columns: int = 80, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """`conggao ARGUMENTS` in a pipe, from the top of the repository or from `cwd`."""
    kept = {
        k: v for k, v in os.environ.items() if k not in {"LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"}
    }
    return subprocess.run(
        [sys.executable, "-m", "conggao.cli.app", *arguments],
        cwd=cwd,
        env={**kept, "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def rerun(text: str) -> str:
    """`text` with every `console` block holding what its commands print today."""
    return _BLOCK.sub(lambda match: f"```console\n{printed(match.group(1))}```", text)


def printed(block: str, cwd: Path = ROOT) -> str:
    """The commands of a `console` block, each with what it prints today."""
    shown = ""
    for command in _COMMAND.findall(block):
        program, *arguments = shlex.split(command)
        assert program == "conggao", command
        done = run(*arguments, cwd=cwd)
        lines = "".join(f"{line.rstrip()}\n" for line in (done.stdout + done.stderr).splitlines())
        shown += f"$ {command}\n{lines}"
    return shown

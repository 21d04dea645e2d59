"""Writing case files: never over the file that was read unless that is meant."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.models import Case
from conggao.facts.writing import write_whole


def check_new(path: Path, option: str, *, force: bool) -> None:
    """Raises InputFaults where `path` exists and `force` does not say that it may be written over."""
    if path.exists() and not force:
        message = Text("文件已存在", "the file exists")
        hint = Text(f"换一个文件名；要覆盖它，加 {FORCE}", f"give another name; to write over it, add {FORCE}")
        raise InputFaults([Diagnostic("case/exists", message, path=f"{option} {path}", help=hint)])


FORCE = "--force"


def save_case(case: Case, path: Path, read_from: Path | None = None) -> None:
    """Writes `case` to `path`, JSON where the name ends so, else YAML. Raises InputFaults where it cannot be written."""
    if read_from is not None and path.exists() and path.samefile(read_from):
        message = Text("不覆盖读入的案例文件", "this would overwrite the case that was read")
        hint = Text("换一个文件名", "give another name")
        raise InputFaults([Diagnostic("case/overwrite", message, path=str(path), help=hint)])
    if path.suffix.lower() == ".json":
        write_whole(json.dumps(case.document(), ensure_ascii=False, indent=1) + "\n", path)
        return
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    text = StringIO()
    yaml.dump(case.document(), text)
    write_whole(text.getvalue(), path)

"""Writing case files: whole or not at all, and never over the file that was read unless that is meant."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.models import Case


def save_case(case: Case, path: Path, read_from: Path | None = None) -> None:
    """Writes `case` to `path`, JSON where the name ends so, else YAML. Raises InputFaults where it cannot be written."""
    if read_from is not None and path.exists() and path.samefile(read_from):
        message = Text("不覆盖读入的案例文件", "this would overwrite the case that was read")
        hint = Text("换一个文件名", "give another name")
        raise InputFaults([Diagnostic("case/overwrite", message, path=str(path), help=hint)])
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if path.suffix.lower() == ".json":
                json.dump(case.document(), file, ensure_ascii=False, indent=1)
                file.write("\n")
            else:
                yaml = YAML()
                yaml.default_flow_style = False
                yaml.allow_unicode = True
                yaml.dump(case.document(), file)
        Path(name).replace(path)
    except OSError as error:
        message = Text(f"无法写入（{error.strerror}）", f"it cannot be written ({error.strerror})")
        raise InputFaults([Diagnostic("case/unwritable", message, path=str(path))]) from None

"""Text as the cell of a workbook can hold it."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

LONGEST = 32_767
"""UTF-16 units of the longest text of a cell; what is longer is cut off without a word."""
_ODD = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_RETURN = re.compile("_x000[Dd]_")
_CODE = re.compile("_x000[Dd]_|x005F_")
_INSTALL = Text("安装 `conggao[authoring]`", "install `conggao[authoring]`")


def excel() -> Any:
    """The library that reads and writes workbooks. Raises InputFaults where it is not installed."""
    try:
        return import_module("openpyxl")
    except ModuleNotFoundError:
        message = Text("读写 Excel 需要 openpyxl", "spreadsheets need openpyxl")
        raise InputFaults([Diagnostic("sheet/extra", message, help=_INSTALL)]) from None


def escaped(text: str) -> str:
    """`text` for a workbook, in which `_x0041_` is another way to write `A`."""
    return _ESCAPE.sub(r"_x005F_x\1_", text)


def unescaped(text: str) -> str:
    """What a text says that the library has read: it undoes `escaped`, but leaves the line ends that Excel writes as `_x000D_`."""
    return _RETURN.sub("\r", text)


def unholdable(text: str) -> Text | None:
    """Why a cell cannot hold this text; None where it can."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > LONGEST:
        return Text(
            f"单元格最多 {LONGEST:,} 个字符，这里有 {length:,} 个",
            f"a cell holds {LONGEST:,} characters, and here are {length:,}",
        )
    if found := _CODE.search(text):
        return Text(f"工作簿里 `{found.group()}` 另有含义", f"`{found.group()}` means something else in a workbook")
    if odd := _ODD.search(text):
        code = f"U+{ord(odd.group()):04X}"
        return Text(f"单元格不能有控制字符 {code}", f"a cell cannot hold the control character {code}")
    return None

"""The unified social credit code 统一社会信用代码: 18 characters, the last one a check character (GB 32100-2015)."""

from __future__ import annotations

from conggao.facts.diagnostics import Text, quote

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The characters by value, 0 to 30: no I, O, S, V or Z."""
LENGTH = 18
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def check_character(body: str) -> str:
    """The check character of the first 17 characters. Raises KeyError for a character outside the alphabet."""
    total = sum(_VALUES[character] * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % len(ALPHABET)]


def fault(code: str) -> tuple[Text, Text] | None:
    """What is wrong with a code, and what would be right; None for a good one."""
    if len(code) != LENGTH:
        message = Text(f"统一社会信用代码有 {len(code)} 位", f"the credit code has {len(code)} characters")
        return message, Text(f"应为 {LENGTH} 位", f"it has {LENGTH}")
    odd = next((character for character in code if character not in _VALUES), None)
    if odd is not None:
        message = Text(f"统一社会信用代码不使用 {quote(odd)}", f"a credit code does not use {quote(odd)}")
        return message, Text("只用数字和大写字母，I、O、S、V、Z 除外", "it uses digits and capitals but I, O, S, V, Z")
    right = check_character(code[:-1])
    if code[-1] == right:
        return None
    message = Text(
        f"统一社会信用代码 {quote(code)} 的校验码不对", f"the check character of the credit code {quote(code)} is wrong"
    )
    help_ = Text(
        f"前 17 位对应的校验码是 `{right}`，而不是 `{code[-1]}`；请核对各位",
        f"the first 17 characters give `{right}`, not `{code[-1]}`: check them all",
    )
    return message, help_

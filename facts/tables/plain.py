"""Which cells of a column of text are plain: looked at as bytes, all at once. What is not is for the readers of `values`, cell by cell."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conggao.facts.credit_code import ALPHABET, LENGTH, WEIGHTS
from conggao.facts.values import LONGEST_ID, LONGEST_TEXT

if TYPE_CHECKING:
    import pyarrow as pa

_ODD, _PLAIN, _E4, _EF = range(4)
"""Kinds of bytes: of no plain text; of a plain character, such as the first of 5000–9FFF, all Han; the first of 4000–4FFF; of F000–FFFF."""
_WRONG = 1 << 20
"""More than the weights of a code come to."""


def plain_text(text: pa.Array) -> Any:
    """Which cells are one line of visible characters, ASCII, Han or full-width brackets, with no blanks, and not too long."""
    return _plain(text, _kinds(bytes(range(0x21, 0x7F)), True), LONGEST_TEXT)


def plain_ids(text: pa.Array) -> Any:
    """Which cells are ids of letters, digits, `-` and `_`."""
    return _plain(text, _kinds(b"-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", False), LONGEST_ID)


@lru_cache
def _kinds(plain: bytes, han: bool) -> bytes:
    kinds = bytearray(256)
    for byte in plain:
        kinds[byte] = _PLAIN
    if han:
        kinds[0x80:0xC0] = bytes([_PLAIN]) * 0x40
        kinds[0xE4:0xEA] = bytes([_E4]) + bytes([_PLAIN]) * 5
        kinds[0xEF] = _EF
    return bytes(kinds)


def _plain(text: pa.Array, kinds: bytes, longest: int) -> Any:
    """Which cells hold nothing but bytes that are plain by `kinds`; of an unknown cell it does not matter."""
    import numpy as np
    import pyarrow as pa

    ends, data = _bytes(text)
    lengths = np.diff(ends)
    plain = (lengths > 0) & (lengths <= longest)
    if (data >= 0x80).any():  # noqa: PLR2004 - not only ASCII
        try:
            text.validate(full=True)
        except pa.ArrowInvalid:  # no UTF-8
            return np.zeros(len(text), dtype=bool)
    # What follows the first byte of a character is as plain as that.
    found = np.frombuffer(data.tobytes().translate(kinds), dtype=np.uint8)
    if (found == _PLAIN).all():
        return plain
    odd = found == _ODD
    low = np.nonzero(found == _E4)[0]
    odd[low[data[low + 1] < 0xB8]] = True  # noqa: PLR2004 - 4E00, where the Han characters begin
    wide = np.nonzero(found == _EF)[0]
    odd[wide[(data[wide + 1] != 0xBC) | ((data[wide + 2] & 0xFE) != 0x88)]] = True  # noqa: PLR2004 - FF08 and FF09, the brackets
    plain[np.searchsorted(ends, np.nonzero(odd)[0], side="right") - 1] = False
    return plain


def right_codes(text: pa.Array) -> Any:
    """Which cells are credit codes whose check character is right."""
    import numpy as np

    ends, data = _bytes(text)
    right = np.diff(ends) == LENGTH
    if right.all():
        return _right(data)
    places = ends[:-1][right]
    if len(places):
        right[right] = _right(data[places[:, None] + np.arange(LENGTH)])
    return right


def _right(data: Any) -> Any:
    """Of codes one behind the other, which are right: two characters at a time are weighed."""
    import numpy as np

    pairs = np.ascontiguousarray(data).view("<u2").reshape(-1, LENGTH // 2)
    total = np.zeros(len(pairs), dtype=np.int32)
    for place, weights in enumerate(_weights()):
        total += weights[pairs[:, place]]
    return (total < _WRONG) & (total % len(ALPHABET) == 0)


@lru_cache
def _weights() -> list[Any]:
    """For each two places of a code, what the characters there weigh, by their two bytes; the check character weighs its value."""
    import numpy as np

    values = np.full(256, _WRONG, dtype=np.int32)
    values[list(ALPHABET.encode())] = np.arange(len(ALPHABET))
    weights = [*WEIGHTS, 1]
    weighed = [np.where(values < _WRONG, values * weight, _WRONG) for weight in weights]
    # The byte that comes first is the lower one.
    return [(weighed[n + 1][:, None] + weighed[n][None, :]).ravel() for n in range(0, LENGTH, 2)]


def _bytes(text: pa.Array) -> tuple[Any, Any]:
    """Where each cell ends in its bytes, with a 0 before the first, and the bytes."""
    import numpy as np

    many = len(text)
    offsets, data = text.buffers()[1:]
    if not many or data is None:
        return np.zeros(many + 1, dtype=np.int32), np.zeros(0, dtype=np.uint8)
    ends = np.frombuffer(offsets, dtype=np.int32)[text.offset : text.offset + many + 1]
    found = np.frombuffer(data, dtype=np.uint8, count=int(ends[-1]))[int(ends[0]) :]
    return ends - ends[0], found

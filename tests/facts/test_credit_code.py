"""The check character of GB 32100."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.facts.credit_code import ALPHABET, check_character, fault

BODIES = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91640100MA7EXAMP48"])
def test_known_codes(code: str) -> None:
    """The first is the worked example of the standard."""
    assert fault(code) is None


@given(BODIES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(body: str, place: int, character: str) -> None:
    """The modulus 31 is prime and no weight is a multiple of it."""
    code = body + check_character(body)
    changed = code[:place] + character + code[place + 1 :]
    assert fault(code) is None
    assert (fault(changed) is None) == (changed == code)


def test_the_right_character_is_named() -> None:
    found = fault("91640100MA7EXAMP49")
    assert found is not None
    assert found[1].en == "the first 17 characters give `8`, not `9`: check them all"
    assert "`8`" in found[1].zh


@pytest.mark.parametrize(("code", "said"), [("91640100MA7EXAMP4", "17"), ("91640100MA7EXAMPO8", "`O`"), ("", "0")])
def test_other_faults(code: str, said: str) -> None:
    found = fault(code)
    assert found is not None
    assert said in found[0].en
    assert said in found[0].zh

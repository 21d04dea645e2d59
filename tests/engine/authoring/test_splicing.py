"""A value replaced in a YAML text changes that value and nothing else: not a comment, not a blank, not another key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.authoring.comparing import scalar
from conggao.engine.authoring.splicing import Unplaceable, spliced
from conggao.facts.documents import read_yaml

keys = st.sampled_from(["1", "8a", "project:P1", "status", "amount", "其他"])
leaves = st.sampled_from(["100 万元", "unmet", "0 .. 5 万元", "'a: b'", '"用途"'])
trees = st.recursive(
    leaves | st.lists(leaves, max_size=3),
    lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def laid_out(tree: object, flow: bool, indent: int = 0) -> str:
    """YAML of `tree`, in braces or line by line with a comment on every line."""
    if isinstance(tree, str):
        return tree
    if isinstance(tree, list):
        return "[" + ", ".join(map(str, tree)) + "]"
    assert isinstance(tree, dict)
    if flow:
        return "{" + ", ".join(f"{key}: {laid_out(value, True)}" for key, value in tree.items()) + "}"
    lines = []
    for number, (key, value) in enumerate(tree.items()):
        text = laid_out(value, flow, indent + 2)
        between = "" if not isinstance(value, dict) else f" # 注 {number}"
        tail = f" # 注 {number}" if not isinstance(value, dict) else ""
        lines.append(f"{' ' * indent}{key}:{between}{' ' if not isinstance(value, dict) else chr(10)}{text}{tail}")
    return "\n".join(lines)


def places(tree: object, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(tree, dict):
        return []
    return [place for key, value in tree.items() for place in [(*above, key), *places(value, (*above, key))]]


@given(st.dictionaries(keys, trees, min_size=1, max_size=4), st.booleans(), st.data())
def test_one_value_is_replaced_and_all_else_stays(tree: dict[str, object], flow: bool, data: st.DataObject) -> None:
    text = laid_out(tree, flow) + "\n"
    place = data.draw(st.sampled_from(places(tree)))
    new = data.draw(st.sampled_from(["7 元", "[a, b]", "{status: unmet}", ""]))
    before = read_yaml(text).data
    holder = before
    for key in place[:-1]:
        holder = holder[key]
    lost = laid_out({place[-1]: holder[place[-1]]}, flow).count("# 注")
    try:
        after = spliced(text, {place: new})
    except Unplaceable:
        alone = new == "" and len(holder) == 1
        assert alone or not flow, "only the last key, or a comment that would be lost, stands in the way"
        return
    if new == "":
        del holder[place[-1]]
    else:
        holder[place[-1]] = read_yaml(new).data
    assert read_yaml(after).data == before
    if not flow:
        assert text.count("# 注") - after.count("# 注") <= lost, "only what was replaced lost its comments"


def test_comments_and_layout_survive() -> None:
    text = "expect:\n  # 依第八条\n  8a: 100 万元   # 封顶\n  missing:\n    - b\n    - a\n  9: {status: unmet, because: x > 0 元}\n"
    new = spliced(text, {("expect", "8a"): "unmet", ("expect", "missing"): "[c]", ("expect", "9", "because"): ""})
    assert new == "expect:\n  # 依第八条\n  8a: unmet   # 封顶\n  missing: [c]\n  9: {status: unmet}\n"


def test_the_last_key_does_not_go_and_an_unknown_one_is_not_invented() -> None:
    with pytest.raises(Unplaceable):
        spliced("expect: {8a: unmet}\n", {("expect", "8a"): ""})
    with pytest.raises(Unplaceable):
        spliced("expect: {8a: unmet}\n", {("expect", "9"): "unmet"})


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")), min_size=1, max_size=30
    )
)
def test_a_scalar_reads_back_as_the_same_text(text: str) -> None:
    assert read_yaml(f"{{because: {scalar(text)}, b: 1}}").data == {"because": text, "b": "1"}
    assert read_yaml(f"because: {scalar(text)}\nb: 1\n").data == {"because": text, "b": "1"}


@given(st.text(st.sampled_from(":-?~|>%@!&*#,'\"[]{} ab"), min_size=1, max_size=6))
def test_a_scalar_of_signs_reads_back_too(text: str) -> None:
    said = scalar(text)
    assert read_yaml(f"a: {said}\nb: [{said}, {{zh: {said}, en: {said}}}]\n").data == {
        "a": text,
        "b": [text, {"zh": text, "en": text}],
    }

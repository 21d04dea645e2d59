"""The file of keys keeps every change, whoever else changes it at the same time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")

from conggao.cli.serve.keys import KeyRing, add, revoke

MANY = 12


def test_keys_made_and_ended_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = [add(path, f"old {number}", ("decide",))[0] for number in range(MANY)]
    begin = threading.Barrier(2 * MANY)
    tokens: list[str] = []

    def make(number: int) -> None:
        begin.wait()
        tokens.append(add(path, f"new {number}", ("decide",))[1])

    def end(number: int) -> None:
        begin.wait()
        revoke(path, before[number].id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(MANY) for work in (make, end)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ring = KeyRing(path)
    assert len(ring.held()) == 2 * MANY
    assert all(key.revoked for key in ring.held() if key.name.startswith("old")), "an ended key would live again"
    assert all(ring.find(token) is not None for token in tokens)
    assert not [name for name in tmp_path.iterdir() if name != path], "nothing is left beside it"

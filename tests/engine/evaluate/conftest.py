"""What the tests of the fence share."""

from __future__ import annotations

import pytest

from conggao.engine.evaluate import durable_host
from tests.engine.evaluate.bare import Spy


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    watch = Spy()
    monkeypatch.setattr(durable_host, "_library", lambda: watch)
    monkeypatch.setattr(durable_host, "_rulesets", {})
    return watch

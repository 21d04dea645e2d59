"""What all tests share: one engine over the shipped rulebooks, and how much to fuzz."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from conggao.engine import Engine

FUZZ = int(os.environ.get("CONGGAO_FUZZ", "300"))
AGREEMENT = int(os.environ.get("CONGGAO_AGREEMENT", "20000"))
ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "conggao",
    max_examples=FUZZ,
    deadline=None,
    derandomize=FUZZ <= 300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    database=None,
)
settings.load_profile("conggao")


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The rulebook of the city."""
    return Engine(["yinchuan-2024-2"])


@pytest.fixture(scope="session")
def everything() -> Engine:
    """All shipped rulebooks."""
    return Engine()


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample enterprise of the README."""
    return ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml"

"""How a service is run: told by the command, handed to its worker processes through their environment."""

from __future__ import annotations

import ipaddress
import os
from typing import Literal

from pydantic import BaseModel, ConfigDict

VARIABLE = "CONGGAO_SERVE"
"""The environment variable that holds the settings of a worker, as JSON."""


class Settings(BaseModel):
    """`policies`: ids or paths, None for all that are shipped. `keys`: the file of API keys, None where none are asked for.

    `body` in bytes, `many` cases of one request, `points` of one sweep, `seconds` for one answer, `forwards` rulesets of durable-rules
    that a worker builds before it makes room for another. `parent`: the process without which a worker ends.
    `kept`: the file in which workers keep the rulebooks in use for one another.
    """

    model_config = ConfigDict(frozen=True)

    policies: tuple[str, ...] | None = None
    keys: str | None = None
    ledger: str | None = None
    witness: str | None = None
    body: int = 2 * 1024 * 1024
    many: int = 1000
    points: int = 10_201
    seconds: float = 30.0
    reload: float = 1.0
    forwards: int = 20
    lang: Literal["zh", "en"] = "zh"
    parent: int | None = None
    kept: str | None = None

    @classmethod
    def here(cls) -> Settings:
        """Those that this process was given."""
        return cls.model_validate_json(os.environ.get(VARIABLE, "{}"))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""Small pages put together for tests: what is said between the fences is all that matters."""

from __future__ import annotations

from typing import Any

from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Outcome
from conggao.engine.rulebook.page import parse_page

FRONT = """---
policy: {id}
title: {{zh: {id}, en: {id}}}
number: 测试〔2024〕1号
issuer: 测试
level: {level}
in_force: {in_force}
{front}---

# {id}
"""


def page(
    id: str,  # noqa: A002 - the key of the page
    *blocks: str,
    level: str = "region",
    in_force: str = "2024-01-01 ..",
    front: str = "conflicts: {principle: highest, against: [national, region, city]}\n",
) -> str:
    """A page with a heading of its own for every block."""
    body = "".join(f"\n## 第 {n} 段\n\n{block.strip()}\n" for n, block in enumerate(blocks, start=1))
    return FRONT.format(id=id, level=level, in_force=in_force, front=front) + body


def measure(id: str, rest: str, kind: str = "measure") -> str:  # noqa: A002
    """A block; `rest` is its YAML but for id and title."""
    return f"复述。\n\n```{kind}\nid: {id}\ntitle: {{zh: {id}, en: {id}}}\n{rest.strip()}\n```"


def block(kind: str, rest: str) -> str:
    return f"复述。\n\n```{kind}\n{rest.strip()}\n```"


def engine(*pages: str) -> Engine:
    """An engine that holds these pages; `page1.md`, `page2.md` are how its messages call them."""
    return Engine.of([parse_page(text.encode(), f"page{n}.md") for n, text in enumerate(pages, start=1)])


def decide(case: dict[str, Any], *pages: str, as_of: str = "2025-03-01") -> Decision:
    return engine(*pages).decide(case, as_of=as_of, engine="exact")


def outcomes(decision: Decision) -> dict[str, Outcome]:
    """By `measure@subject`, of the enterprise by the measure alone."""
    return {
        item.measure if item.subject in ("enterprise", None) else f"{item.measure}@{item.subject}": item
        for item in decision.outcomes
    }

"""A rulebook of 2,000 measures and 300 derived facts still works, on both evaluators alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from conggao.engine import Engine

FRONT = """---
policy: large-1
title: {zh: 大规则书, en: A large rulebook}
number: 测试〔2024〕1号
issuer: 测试
level: city
place: []
in_force: 2024-01-01 ..
conflicts: {principle: highest, against: [], received: top_up}
lines:
%s
---
"""
DERIVE = """
概念 {n} 以 {n} 万元为界。

```derive
name: over_{n}
label: {{zh: 超过{n}档, en: over {n}}}
subject: enterprise
is: {is_}
source: 测试
```
"""
MEASURE = """
超过 {n} 万元的，给予 1 元。

```measure
id: m{n}
title: {{zh: 措施{n}, en: measure {n}}}
subject: {subject}
lines: [line_{n}]
when:
{when}
pay: 1 元
```
"""


def large(measures: int, derived: int) -> str:
    lines = "\n".join(f"  line_{n}: {{zh: 内容{n}, en: line {n}}}" for n in range(1, measures + 1))
    parts = [FRONT % lines, "\n# 大规则书\n\n### （一）测试\n"]
    for n in range(1, derived + 1):
        chain = "" if n % 10 == 1 else f" 且 超过{n - 1}档"
        parts.append(DERIVE.format(n=n, is_=f"上年度.主营业务收入 > {n} 万元{chain}"))
    for n in range(1, measures + 1):
        if n % 3 == 0:
            when = f"  - 超过{n % derived + 1}档\n  - 上年度.研发费用 > {n} 万元"
            parts.append(MEASURE.format(n=n, subject="enterprise", when=when))
        elif n % 3 == 1:
            when = f'  - 设备购置实付 > {n} 万元\n  - 超过{n % derived + 1}档 或 用途 包含 "construction" 或 新兴产业'
            parts.append(MEASURE.format(n=n, subject="project", when=when))
        else:
            parts.append(MEASURE.format(n=n, subject="enterprise", when=f"  - 上年度.研发费用 > {n} 万元"))
    return "".join(parts)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    page = tmp_path_factory.mktemp("pages") / "large.md"
    page.write_text(large(2000, 300), "utf-8")
    return Engine([Path(page)])


@pytest.mark.parametrize("revenue", ["0", "1505000", "3010000", "99999999"])
def test_two_thousand_measures_on_both_evaluators(big: Engine, revenue: str) -> None:
    case = {
        "as_of": "2025-03-01",
        "enterprise": {"industry": "3825"},
        "reports": [{"year": 2024, "main_business_revenue": revenue, "rd_expense": "9990000"}],
        "projects": [
            {"id": "P1", "equipment_payment": "10000000", "purposes": ["construction"]},
            {"id": "P2", "equipment_payment": "5000000", "emerging_industry": False},
        ],
    }
    exact, forward = big.decide(case, engine="exact"), big.decide(case, engine="forward")
    assert [(o.measure, o.subject, o.status, o.missing) for o in exact.outcomes] == [
        (o.measure, o.subject, o.status, o.missing) for o in forward.outcomes
    ]
    granted = [o for o in exact.outcomes if o.status == "granted"]
    assert 600 < len(granted) < 2000, "the case lies between none and all"
    assert sum(o.amount.low for o in granted if o.amount) == exact.totals["enterprise"].low


def test_building_it_takes_seconds_not_minutes(big: Engine) -> None:
    """Not a measurement: only that building is not quadratic to the point of hanging."""
    assert len(big.rulebooks.policies[0].measures) == 2000

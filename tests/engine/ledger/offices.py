"""A small law and the offices that decide under it: fast to decide, and with one measure for each way of paying twice."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from conggao.engine import Engine
from conggao.engine.rulebook.page import Page, parse_page
from conggao.facts.credit_code import fault

CITY = """---
policy: city-x
title: {zh: 市级办法, en: City rules}
number: 市〔2024〕1号
issuer: 市政府
level: city
in_force: 2024-01-01 .. 2030-12-31
conflicts: {principle: highest, against: [national, region], received: top_up}
lines:
  chain_award: {zh: 链主奖励, en: chain award}
  voucher_fee: {zh: 服务券费用, en: voucher fee}
  rd_of_year: {zh: 年度研发, en: R&D of the year, period: year}
---

# 市级办法 City rules

## 设备 Equipment

购置设备的，按 20% 补助。 Twenty per cent of equipment.

```measure
id: machine
title: {zh: 设备补助, en: Equipment subsidy}
subject: project
lines: [equipment_purchase]
when: [设备购置实付 > 0 元]
pay: 20% * 设备购置实付
```

## 投资 Investment

按新增固定资产投资的 100% 补助，每家企业累计最高 100 万元。 All of the investment, at most one million an enterprise.

```measure
id: capped
title: {zh: 累计封顶的补助, en: Subsidy under a cumulative cap}
subject: project
lines: [fixed_asset_investment]
when: [新增固定资产投资 > 0 元]
pay: 100% * 新增固定资产投资
cap: 100 万元
cap_per: enterprise
cap_period: ever
```

## 奖励 Prize

链主企业一次性奖励 30 万元。 Three hundred thousand, once.

```measure
id: prize
title: {zh: 一次性奖励, en: Prize paid once}
subject: enterprise
lines: [chain_award]
when: [链主企业]
pay: 30 万元
once: enterprise
```

## 服务 Services

按服务费的 50% 补助，每个服务提供方累计最高 10 万元。 Half of the fee, at most one hundred thousand a provider.

```measure
id: service
title: {zh: 服务券, en: Service voucher}
subject: service
lines: [voucher_fee]
when: [fee > 0 元]
pay: 50% * fee
cap: 10 万元
cap_per: provider
cap_period: ever
recipient: provider
```

## 年度 Yearly

按研发费用的 10% 补助，每年最高 40 万元。 Ten per cent of R&D, at most four hundred thousand a year.

```measure
id: yearly
title: {zh: 年度补助, en: Yearly subsidy}
subject: enterprise
lines: [rd_of_year]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
cap: 40 万元
cap_per: enterprise
cap_period: year
```
"""
REGION = """---
policy: region-x
title: {zh: 自治区办法, en: Region rules}
number: 区〔2024〕1号
issuer: 自治区
level: region
in_force: 2024-01-01 .. 2030-12-31
conflicts: {principle: highest, against: [national, city], received: top_up}
---

# 自治区办法 Region rules

## 设备 Equipment

购置设备的，按 15% 补助。 Fifteen per cent of equipment.

```measure
id: machine
title: {zh: 设备补助（自治区）, en: Equipment subsidy of the region}
subject: project
lines: [equipment_purchase]
when: [设备购置实付 > 0 元]
pay: 15% * 设备购置实付
```

## 合计 Ceiling

以上各项合计不超过新增固定资产投资的 90%。 Together at most ninety per cent of the investment.

```measure
id: most
title: {zh: 合计上限, en: Ceiling}
subject: project
when: [新增固定资产投资 > 0 元]
ceiling: {amount: 90% * 新增固定资产投资, over: all}
```
"""
DAY = "2025-03-01"
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def page(name: str) -> Page:
    return parse_page({"city": CITY, "region": REGION}[name].encode(), f"{name}.md")


@cache
def office(*names: str) -> Engine:
    """The engine of an office that knows these levels of government."""
    return Engine.of([page(name) for name in names])


@cache
def credit_code(number: int) -> str:
    """The valid credit code of enterprise `number`."""
    stem = f"91640100MA7{number:06d}"
    for sign in _SIGNS:
        if fault(stem + sign) is None:
            return stem + sign
    raise AssertionError(stem)


def case(number: int, **facts: Any) -> dict[str, Any]:
    """A case of enterprise `number`; `facts` are those of the case, `chain_leader` that of the enterprise."""
    enterprise: dict[str, Any] = {"credit_code": credit_code(number)}
    if "chain_leader" in facts:
        enterprise["chain_leader"] = facts.pop("chain_leader")
    return {"as_of": DAY, "enterprise": enterprise, **facts}


def yuan(amount: int | str) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))

"""experta 1.9: RETE in pure Python."""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Sequence
from typing import Any

from rivals.rival import Decided, Rival, fen, settle
from rivals.workload import Record, doubles


def make(form: str) -> Rival:
    if not hasattr(collections, "Mapping"):
        # The frozendict that experta asks for uses a name that left `collections` in Python 3.10.
        collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
    from experta import AS, MATCH, TEST, Fact, KnowledgeEngine, P, Rule

    class Enterprise(Fact):  # type: ignore[misc]
        pass

    class AboveScale(Fact):  # type: ignore[misc]
        pass

    paid = P(lambda quantity: quantity > 0.0)

    class Rules(KnowledgeEngine):  # type: ignore[misc]
        granted: dict[int, int]

        def grant(self, rule: int, amount: float) -> None:
            self.granted[rule] = fen(amount)

        @Rule(
            Enterprise(leading_industry_project=True, loan_interest=MATCH.a, lease_interest=MATCH.b),
            TEST(lambda a, b: a + b > 0.0),
        )
        def r1(self, a: float, b: float) -> None:
            self.grant(1, min(0.4 * (a + b), 2_000_000.0))

        @Rule(Enterprise(fills_gap=True, guarantee_fee=MATCH.a & paid))
        def r2(self, a: float) -> None:
            self.grant(2, min(0.5 * a, 2_000_000.0))

        @Rule(Enterprise(retired_obsolete=True, equipment_payment=MATCH.a & paid))
        def r3(self, a: float) -> None:
            self.grant(3, min(0.1 * a, 2_000_000.0))

        @Rule(Enterprise(reached_production=True, floor_area=MATCH.a & paid))
        def r4(self, a: float) -> None:
            self.grant(4, 75.0 * a)

        @Rule(Enterprise(encouraged_transfer=True, fixed_asset_investment=MATCH.a & paid))
        def r5(self, a: float) -> None:
            self.grant(5, min(0.05 * a, 5_000_000.0))

        @Rule(Enterprise(is_manufacturer=True, project_rd=MATCH.a & paid))
        def r6(self, a: float) -> None:
            self.grant(6, min(0.3 * a, 5_000_000.0))

        @Rule(Enterprise(revenue=P(lambda revenue: revenue >= 20_000_000.0)))
        def scale(self) -> None:
            self.declare(AboveScale())

        @Rule(AboveScale(), Enterprise(rd_expense=MATCH.a & paid))
        def r7(self, a: float) -> None:
            self.grant(7, min(0.1 * a, 1_000_000.0))

        @Rule(Enterprise(digital_effect=True, digital_investment=MATCH.a & paid, smart_factory=MATCH.smart))
        def r8(self, a: float, smart: bool) -> None:
            self.grant(8, min(0.4 * a, 600_000.0 if smart else 500_000.0))

        @Rule(
            AS.e << Enterprise(carbon_reduction=MATCH.a & paid, emissions=P(lambda emissions: emissions > 26_000.0)),
            TEST(lambda e: e["emissions"] * e["output_before"] <= 0.95 * e["emissions_before"] * e["output"]),
        )
        def r9(self, a: float) -> None:
            self.grant(9, min(200.0 * a, 1_000_000.0))

        @Rule(Enterprise(chain_investment=MATCH.a & paid))
        def r10(self, a: float) -> None:
            self.grant(10, min(0.1 * a, 2_000_000.0))

        @Rule(Enterprise(service_fee=MATCH.a & paid))
        def r11(self, a: float) -> None:
            self.grant(11, min(0.3 * a, 50_000.0))

        @Rule(AboveScale(), Enterprise(rd_expense=MATCH.a & P(lambda research: research >= 5_000_000.0)))
        def r12(self, a: float) -> None:
            self.grant(12, min(0.12 * a, 800_000.0))

    engine = Rules()

    def decide(record: dict[str, Any]) -> Decided:
        engine.granted = {}
        engine.reset()
        engine.declare(Enterprise(**record))
        engine.run()
        return settle(engine.granted)

    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    return [doubles(record) for record in records]

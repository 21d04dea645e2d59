"""What pages say of each other: stacking, exclusion, ceilings, yielding; and that what contradicts itself is refused at its line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from conggao.engine.rulebook.relations import overlaps
from conggao.facts.diagnostics import Diagnostic, InputFaults
from tests.engine.rulebook.pages import decide, engine, measure, outcomes, page

RD = "subject: enterprise\nlines: [research_expense]\nwhen: [上年度.研发费用 > 0 元]\n"
CASE: dict[str, Any] = {"reports": [{"year": 2024, "rd_expense": "1000 万元"}]}
PROJECT = "subject: project\nwhen: [贷款本金 > 0 元]\n"
LOAN: dict[str, Any] = {"projects": [{"id": "P1", "loan_principal": "1000 万元", "total_investment": "3000 万元"}]}


def faults(*pages: str) -> list[Diagnostic]:
    with pytest.raises(InputFaults) as raised:
        engine(*pages)
    return list(raised.value.diagnostics)


def test_measures_that_stack_compete_by_their_sum() -> None:
    """Each alone pays less than the rival; both together pay more."""
    region = page(
        "region-1",
        measure("a", RD + "pay: 4% * 上年度.研发费用\nstacks_with: [b]"),
        measure("b", RD + "pay: 3% * 上年度.研发费用"),
    )
    city = page("city-1", measure("c", RD + "pay: 6% * 上年度.研发费用"), level="city")
    found = outcomes(decide(CASE, region, city))
    assert [found[key].status for key in ("region-1/a", "region-1/b", "city-1/c")] == [
        "granted",
        "granted",
        "superseded",
    ]
    assert found["city-1/c"].superseded_by == ("region-1/a", "region-1/b")
    assert found["city-1/c"].difference == Decimal("100000.00"), "7% against 6% of ten million"


def test_stacking_across_policies_is_said_by_both() -> None:
    def pages(of_city: str) -> tuple[str, str]:
        region = page("region-1", measure("a", RD + "pay: 4% * 上年度.研发费用\nstacks_with: [city-1/c]"))
        return region, page("city-1", measure("c", RD + f"pay: 3% * 上年度.研发费用\n{of_city}"), level="city")

    one = outcomes(decide(CASE, *pages("")))
    assert (one["region-1/a"].status, one["city-1/c"].status) == ("granted", "superseded")
    both = outcomes(decide(CASE, *pages("stacks_with: [region-1/a]")))
    assert (both["region-1/a"].status, both["city-1/c"].status) == ("granted", "granted")


def test_measures_exclude_each_other_beyond_a_line_on_the_same_subject() -> None:
    region = page(
        "region-1",
        measure("grant", PROJECT + "lines: [equipment_purchase]\npay: 5% * 贷款本金\nexcludes: [loan]"),
        measure("loan", PROJECT + "lines: [loan_interest]\npay: 2% * 贷款本金"),
    )
    found = outcomes(decide(LOAN, region))
    assert found["region-1/grant@project:P1"].status == "granted"
    assert found["region-1/loan@project:P1"].superseded_by == ("region-1/grant",)
    two = {"projects": [*LOAN["projects"], {"id": "P2", "loan_principal": "1000 万元"}]}
    assert len(decide(two, region).plan.claim) == 2, "another project is another matter"  # type: ignore[union-attr]


def test_money_received_counts_against_what_it_excludes_and_never_against_what_it_stacks_with() -> None:
    region = page(
        "region-1",
        measure("grant", PROJECT + "lines: [equipment_purchase]\npay: 5% * 贷款本金\nexcludes: [loan]"),
        measure("loan", PROJECT + "lines: [loan_interest]\npay: 2% * 贷款本金"),
    )
    paid = {"measure": "region-1/loan", "subject": "project:P1", "amount": "20 万元", "year": 2023}
    found = outcomes(decide({**LOAN, "received": [paid]}, region))
    assert str(found["region-1/grant@project:P1"].amount.low) == "300000.00", "500,000 less the 200,000 of interest"  # type: ignore[union-attr]
    stacking = region.replace("excludes: [loan]", "stacks_with: [loan]")
    found = outcomes(decide({**LOAN, "received": [paid]}, stacking))
    assert str(found["region-1/grant@project:P1"].amount.low) == "500000.00"  # type: ignore[union-attr]


def test_money_received_is_topped_up_or_shuts_out_as_the_policy_that_pays_now_says() -> None:
    """The city paid 300,000; the region's 400,000 is reduced by it, or gone."""
    paid = {"measure": "city-1/c", "amount": "30 万元", "year": 2024}
    city = page("city-1", measure("c", RD + "pay: 3% * 上年度.研发费用"), level="city")
    for mode, status, amount in (("top_up", "granted", "100000.00"), ("exclude", "received", "0.00")):
        front = f"conflicts: {{principle: highest, against: [city], received: {mode}}}\n"
        region = page("region-1", measure("a", RD + "pay: 4% * 上年度.研发费用"), front=front)
        item = outcomes(decide({**CASE, "received": [paid]}, region, city))["region-1/a"]
        assert (item.status, str(item.amount and item.amount.low)) == (status, amount), mode
        nothing = {**CASE, "received": [{**paid, "amount": 0}]}
        item = outcomes(decide(nothing, region, city))["region-1/a"]
        assert str(item.amount and item.amount.low) == "400000.00", "nothing received shuts out nothing"


def test_money_of_an_unknown_measure_is_accepted_and_said() -> None:
    region = page("region-1", measure("a", RD + "pay: 4% * 上年度.研发费用"))
    paid = {
        "measure": "elsewhere/9",
        "subject": "enterprise",
        "lines": ["research_expense"],
        "amount": "10 万元",
        "year": 2024,
    }
    decision = decide({**CASE, "received": [paid]}, region)
    assert str(outcomes(decision)["region-1/a"].amount.low) == "300000.00"  # type: ignore[union-attr]
    assert any("elsewhere/9" in note for note in decision.notes)


def test_a_policy_yields_to_another_even_where_that_pays_less() -> None:
    yielding = "conflicts: {principle: highest, against: [region], yields_to: region-1}\n"
    region = page("region-1", measure("a", RD + "pay: 3% * 上年度.研发费用"))
    city = page("city-1", measure("c", RD + "pay: 6% * 上年度.研发费用"), level="city", front=yielding)
    found = outcomes(decide(CASE, region, city))
    assert found["region-1/a"].status == "granted"
    assert (found["city-1/c"].status, found["city-1/c"].superseded_by) == ("superseded", ("region-1/a",))
    unmet = region.replace("上年度.研发费用 > 0 元", "上年度.研发费用 > 2000 万元")
    assert outcomes(decide(CASE, unmet, city))["city-1/c"].status == "granted", "nothing to yield to"


def test_a_ceiling_cuts_the_lowest_level_first() -> None:
    ceiling = page(
        "nation-1", measure("top", "subject: project\nceiling: {amount: 2% * 总投资, over: all}"), level="national"
    )
    region = page("region-1", measure("loan", PROJECT + "lines: [loan_interest]\npay: 4% * 贷款本金"))
    city = page("city-1", measure("buy", PROJECT + "lines: [equipment_purchase]\npay: 5% * 贷款本金"), level="city")
    found = outcomes(decide(LOAN, ceiling, region, city))
    assert found["nation-1/top"].status == "programme"
    paid = {key: str(found[key].amount.low) for key in ("region-1/loan@project:P1", "city-1/buy@project:P1")}  # type: ignore[union-attr]
    assert paid == {"region-1/loan@project:P1": "400000.00", "city-1/buy@project:P1": "200000.00"}, "2% of 30 million"
    unknown = {"projects": [{"id": "P1", "loan_principal": "1000 万元"}]}
    for item in outcomes(decide(unknown, ceiling, region, city)).values():
        if item.subject == "project:P1":
            assert (item.status, item.missing) == ("undetermined", ("projects.P1.total_investment",))
    first = {"measure": "region-1/loan", "subject": "project:P1", "amount": "40 万元", "year": 2024}
    rest = outcomes(decide({**LOAN, "received": [first]}, ceiling, region, city))
    assert str(rest["city-1/buy@project:P1"].amount.low) == "200000.00", "what was received is under the ceiling too"  # type: ignore[union-attr]


def test_two_measures_of_a_policy_on_one_line_must_say_how_they_relate() -> None:
    books = engine(
        page("region-1", measure("a", RD + "pay: 4% * 上年度.研发费用"), measure("b", RD + "pay: 3% * 上年度.研发费用"))
    )
    (found,) = overlaps(books.rulebooks.policies)
    assert (found.code, found.severity, found.labels[0].span.file) == ("page/overlap", "error", "page1.md")


def test_an_overlap_that_no_clause_covers_is_a_warning_and_assumed() -> None:
    one = page("city-1", measure("a", RD + "pay: 4% * 上年度.研发费用"), level="city", front="")
    other = page("city-2", measure("b", RD + "pay: 3% * 上年度.研发费用"), level="city", front="")
    books = engine(one, other)
    (found,) = overlaps(books.rulebooks.policies)
    assert found.severity == "warning"
    assert "city-1/a" in found.message.en
    assert "city-2/b" in found.message.en
    decided = outcomes(books.decide(CASE, as_of="2025-03-01"))
    assert (decided["city-2/b"].status, decided["city-2/b"].basis) == ("superseded", "assumed")
    seen = page(
        "city-2", measure("b", RD + "pay: 3% * 上年度.研发费用"), level="city", front="conflicts: {against: [city]}\n"
    )
    books = engine(one, seen)
    assert overlaps(books.rulebooks.policies) == []
    assert outcomes(books.decide(CASE, as_of="2025-03-01"))["city-2/b"].basis is None


WRONG = [
    (RD + "pay: 4% * 上年度.研发费用\nexcludes: [nothing]", "page/unknown-measure"),
    (RD + "pay: 4% * 上年度.研发费用\nstacks_with: [a]", "page/relation"),
    (RD + "pay: 4% * 上年度.研发费用\nstacks_with: [b]\nexcludes: [b]", "page/relation"),
    (RD + "pay: 4% * 上年度.研发费用\ncap: -1 万元", "page/negative-cap"),
    (RD + "pay: 4% * 上年度.研发费用\nceiling: {over: all}", "page/shape"),
    (RD + "pay: 4% * 上年度.研发费用\nceiling: {amount: 5 吨}", "rule/unit"),
    (RD + "pay: 4% * 上年度.研发费用\nceiling: {amount: up_to(5 元)}", "rule/type"),
    (RD + "pay: [{when: 上年度.研发费用 > 5 元, value: 5 元}]", "page/shape"),
]


@pytest.mark.parametrize(("rest", "code"), WRONG)
def test_contradictory_data_is_refused_at_its_line(rest: str, code: str) -> None:
    found = faults(page("region-1", measure("a", rest), measure("b", RD + "pay: 3% * 上年度.研发费用")))
    assert [item.code for item in found] == [code]
    line = found[0].labels[0].span.line
    assert line is not None
    assert 12 <= line <= 26, "within the block of the measure"


def test_yielding_in_a_circle_is_refused() -> None:
    def yielding(id_: str, to: str) -> str:
        front = f"conflicts: {{principle: highest, against: [city], yields_to: {to}}}\n"
        return page(id_, measure("a", RD + "pay: 4% * 上年度.研发费用"), front=front)

    (found,) = faults(yielding("p-1", "p-2"), yielding("p-2", "p-3"), yielding("p-3", "p-1"))
    assert (found.code, found.labels[0].span.file, found.labels[0].span.line) == ("page/yields-to", "page1.md", 8)
    assert "p-1 → p-2 → p-3 → p-1" in found.message.en
    (unknown,) = faults(yielding("p-1", "nobody"))
    assert unknown.code == "page/yields-to"


def test_a_line_is_declared_once() -> None:
    front = "lines:\n  research_expense: {zh: 研究费, en: research}\n"
    (found,) = faults(page("p-1", front=front))
    assert (found.code, found.labels[0].span.line) == ("page/twice", 9)

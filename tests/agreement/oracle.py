"""The measures of the first rulebook by hand: what the engines are held against.

Written from the text of the measures alone. It shares no code with the program under test and imports nothing of it:
quantities are whole thousand-millionths of a base unit, money whole fen, truth is True, False or None (unknown).

A case is a plain dict in the shape of a case file; every quantity is an int or decimal text in base units.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from tests.agreement.oracle_money import (
    HIGHER_DIGITAL_CAP,
    NANO,
    POLICY,
    TERMS,
    Claim,
    Interval,
    Key,
    Receipt,
    Row,
    count,
    fen,
    nano,
    natural,
    receipts,
    resolve,
)

Truth = tuple[bool | None, tuple[str, ...]]
"""A truth and, where it is unknown, the paths of the facts that would settle it."""

Facts = Mapping[str, Any]


class Result(NamedTuple):
    rows: dict[Key, Row]
    totals: dict[str, Interval]


IN_FORCE = ("2024-06-01", "2027-12-31")
_DISTRICTS = ("兴庆区", "金凤区", "西夏区", "永宁县", "贺兰县", "灵武市")
PLACES = frozenset((*_DISTRICTS, "银川经开区", "银川高新区", "银川综保区", "苏银产业园"))
PROGRAMMES = ("6c", "10e", "12b", "15", "17")
SERVICES = ("9d", "10b", "14c", "16b", "16c", "16d", "18")
MEASURES = tuple(sorted((*TERMS, *PROGRAMMES, *SERVICES), key=natural))
KINDS = frozenset(("technical_innovation", "cloud", "branding", "project_approval"))
_GUARANTEE = ("leading_industry_support", "weak_link_repair", "intelligent_upgrade", "digital_transformation")

YES: Truth = (True, ())
NO: Truth = (False, ())


def known(truth: bool) -> Truth:
    return YES if truth else NO


def both(*parts: Truth) -> Truth:
    """且: false where one is false, else unknown where one is unknown."""
    unknown: tuple[str, ...] = ()
    all_known = True
    for truth, paths in parts:
        if truth is False:
            return NO
        if truth is None:
            all_known = False
            unknown += paths
    return YES if all_known else (None, unknown)


def either(*parts: Truth) -> Truth:
    """或: true where one is true, else unknown where one is unknown."""
    unknown: tuple[str, ...] = ()
    all_known = True
    for truth, paths in parts:
        if truth:
            return YES
        if truth is None:
            all_known = False
            unknown += paths
    return NO if all_known else (None, unknown)


def flag(facts: Facts, name: str, where: str) -> Truth:
    value = facts.get(name)
    return (None, (f"{where}.{name}",)) if value is None else known(value)


def at_least(facts: Facts, name: str, least: int, where: str) -> Truth:
    """`least` in whole base units."""
    value = facts.get(name)
    return (None, (f"{where}.{name}",)) if value is None else known(nano(value) >= least * NANO)


def more_than(facts: Facts, name: str, bound: int, where: str) -> Truth:
    value = facts.get(name)
    return (None, (f"{where}.{name}",)) if value is None else known(nano(value) > bound * NANO)


def report(reports: Any, year: int) -> Facts:
    for entry in reports or ():
        if entry["year"] == year:
            found: Facts = entry
            return found
    return {}


def intensity_drop(latest: Facts, previous: Facts) -> Truth:
    """1 - (emissions / output) / (emissions / output of the year before) >= 5%; a division by zero is unknown."""
    missing = []
    values = []
    for where, facts in (("latest", latest), ("previous", previous)):
        for name in ("carbon_emissions", "output_value"):
            value = nano(facts[name]) if name in facts else None
            values.append(value)
            if value is None:
                missing.append(f"{where}.{name}")
    emissions, output, before, output_before = values
    if output == 0:
        missing.append("latest.output_value")
    if output_before == 0:
        missing.append("previous.output_value")
    elif before == 0 and output_before is not None:
        missing.append("previous.carbon_emissions")  # the intensity divided by is zero
    if missing or emissions is None or output is None or before is None or output_before is None:
        return (None, tuple(missing))
    return known(1 - Fraction(emissions, output) / Fraction(before, output_before) >= Fraction(5, 100))


class Titles:
    """Titles recognised from 2024 on; one without its year may or may not count."""

    def __init__(self, recognitions: Any, year: int) -> None:
        self._held: dict[str, bool | None] = {}
        for entry in recognitions or ():
            title, recognised = entry["title"], entry.get("year")
            if recognised is None:
                self._held.setdefault(title, None)
            elif 2024 <= recognised <= year:
                self._held[title] = True

    def __getitem__(self, title: str) -> Truth:
        held = self._held.get(title, False)
        return (None, (f"recognitions.{title}.year",)) if held is None else known(held)


class _Decision:
    """The rows of one case while they are written."""

    def __init__(self, received: list[Receipt], assessed: Any, latest: int) -> None:
        self.rows: dict[Key, Row] = {}
        self.claims: list[Claim] = []
        self.received = received
        self.latest = latest
        self.assessed: dict[tuple[str, str], int] = {}
        for entry in assessed or ():
            self.assessed[entry["measure"].removeprefix(POLICY), entry["subject"]] = fen(nano(entry["amount"]))

    def pay(self, measure: str, subject: str, truth: Truth, amount: int, provider: str | None = None) -> None:
        """A measure whose amount follows from the facts."""
        cap = TERMS[measure].cap
        if cap is not None and TERMS[measure].per == "subject":
            amount = min(amount, cap[0])
        self._claim(truth, Claim(measure, subject, amount, amount, cap, provider))

    def up_to(self, measure: str, subject: str, truth: Truth, ceiling: int | None) -> None:
        """A measure that leaves the authority room, `ceiling` in 万元; None: no figure is given."""
        high = None if ceiling is None else ceiling * 10**6
        decided = self.assessed.get((measure, subject))
        if decided is None:
            self._claim(truth, Claim(measure, subject, 0, high, None))
        elif decided == 0:
            self.rows[measure, subject] = UNMET  # refused: no, whatever the conditions turn out to be
        elif high is not None and decided > high:
            raise ValueError(f"{measure} of {subject}: {decided} fen were decided, {high} are the most")
        else:
            self._claim(truth, Claim(measure, subject, decided, decided, None))

    def digital(self, subject: str, truth: Truth, amount: int, higher: Truth) -> None:
        """9b: its cap is an interval for who holds one of two titles."""
        cap = HIGHER_DIGITAL_CAP if higher[0] else TERMS["9b"].cap
        settled: Truth = YES if higher[0] is not None else higher
        self._claim(both(truth, settled), Claim("9b", subject, amount, amount, cap))

    def serve(self, measure: str, truth: Truth) -> None:
        state, missing = truth
        row = Row("service") if state else UNMET if state is False else _undetermined(missing)
        self.rows[measure, "enterprise"] = row

    def _claim(self, truth: Truth, claim: Claim) -> None:
        state, missing = truth
        if state is False:
            self.rows[claim.key] = UNMET
            return
        if self.received:
            missing += count(claim, self.received, self.latest)
        if missing:
            self.rows[claim.key] = _undetermined(missing)
        else:
            self.claims.append(claim)


UNMET = Row("unmet")


def _undetermined(missing: tuple[str, ...]) -> Row:
    return Row("undetermined", missing=tuple(sorted(set(missing))))


def decide(case: Facts) -> Result:
    """What the case may claim. Raises ValueError for a number of more than nine decimals and an assessment too high."""
    as_of = str(case["as_of"])
    enterprise: Facts = case.get("enterprise") or {}
    county = enterprise.get("county")
    totals: dict[str, Interval] = {"enterprise": (0, 0), "provider": (0, 0), "park": (0, 0)}
    if not IN_FORCE[0] <= as_of <= IN_FORCE[1] or (county is not None and county not in PLACES):
        return Result({(measure, None): Row("not_in_force") for measure in MEASURES}, totals)
    year = int(as_of[:4])
    out = _Decision(receipts(case.get("received") or ()), case.get("assessed"), year - 1)
    latest, previous = report(case.get("reports"), year - 1), report(case.get("reports"), year - 2)
    titles = Titles(case.get("recognitions"), year)
    code = enterprise.get("industry")
    division = None if code is None else int(str(code)[:2])
    no_code: Truth = (None, ("enterprise.industry",))
    industrial = no_code if division is None else known(6 <= division <= 46)
    manufacturing = no_code if division is None else known(13 <= division <= 43)
    _enterprise(out, enterprise, latest, titles, industrial, manufacturing)
    cleaner = both(industrial, more_than(latest, "carbon_emissions", 26000, "latest"), intensity_drop(latest, previous))
    for project in case.get("projects") or ():
        _project(out, project, enterprise, titles, (industrial, manufacturing, cleaner))
    for service in case.get("services") or ():
        fee = nano(service.get("fee", 0))
        truth = both(industrial, known(service["kind"] in KINDS), known(fee > 0))
        out.pay("16a", f"service:{service['id']}", truth, fen(fee, 30, 100), service["provider"])
    if case.get("park"):
        _park(out, case["park"], year)
    for measure in PROGRAMMES:
        out.rows[measure, None] = Row("programme")
    resolve(out.claims, out.rows, totals)
    return Result(out.rows, totals)


def _enterprise(
    out: _Decision, facts: Facts, latest: Facts, titles: Titles, industrial: Truth, manufacturing: Truth
) -> None:
    me = where = "enterprise"
    revenue = "main_business_revenue"
    above_scale = both(industrial, at_least(latest, revenue, 20_000_000, "latest"))
    fewer, _ = at_least(facts, "employees", 1000, where)
    less, _ = at_least(latest, revenue, 400_000_000, "latest")
    small_or_medium = either(
        (None, ("enterprise.employees",)) if fewer is None else known(not fewer),
        (None, (f"latest.{revenue}",)) if less is None else known(not less),
    )
    out.up_to("6a", me, titles["city_manufacturing_innovation_centre"], 500)
    research = both(above_scale, more_than(latest, "rd_expense", 0, "latest"))
    out.pay("8a", me, research, fen(nano(latest.get("rd_expense", 0)), 10, 100))
    out.pay("8b", me, titles["city_new_productive_force_model"], 200 * 10**6)
    out.pay("9a", me, titles["city_little_lighthouse"], 50 * 10**6)
    out.pay("9c", me, titles["city_digital_transformation_leader"], 50 * 10**6)
    out.serve("9d", above_scale)
    out.up_to("10a", me, titles["city_cloud_benchmark"], None)
    out.serve("10b", both(manufacturing, small_or_medium))
    out.pay("10c", me, titles["city_light_digital_product"], 10 * 10**6)
    out.up_to("10d", me, titles["city_top_digital_service_provider"], 50)
    distinguished = either(flag(facts, "steady_growth_contributor", where), flag(facts, "key_chain_link", where))
    out.up_to("13", me, both(manufacturing, distinguished), 500)
    leads = either(flag(facts, "chain_leader", where), flag(facts, "leading_enterprise", where))
    out.up_to("14b", me, both(leads, at_least(facts, "chain_partners_upgraded", 10, where)), None)
    out.serve("14c", both(manufacturing, small_or_medium))
    out.serve("16b", above_scale)
    out.serve("16c", small_or_medium)
    out.serve("16d", industrial)
    out.serve("18", industrial)


def _project(
    out: _Decision, facts: Facts, enterprise: Facts, titles: Titles, shared: tuple[Truth, Truth, Truth]
) -> None:
    industrial, manufacturing, cleaner = shared
    me, where = f"project:{facts['id']}", f"projects.{facts['id']}"
    purposes = facts.get("purposes") or ()

    def spent(name: str) -> int:
        return nano(facts.get(name, 0))

    def serves(*names: str) -> Truth:
        return known(any(name in purposes for name in names))

    def says(name: str) -> Truth:
        return flag(facts, name, where)

    def positive(amount: int) -> Truth:
        return known(amount > 0)

    interest = spent("loan_interest") + spent("lease_interest")
    out.pay("1", me, both(serves(*_GUARANTEE), positive(interest)), fen(interest, 40, 100))
    fee = spent("guarantee_fee")
    newcomer = (flag(enterprise, name, "enterprise") for name in ("fills_industry_gap", "newly_settled"))
    out.pay("2a", me, both(*newcomer, positive(fee)), fen(fee, 50, 100))
    emerging = both(says("emerging_industry"), says("technology_innovation"), positive(fee))
    out.pay("2b", me, emerging, fen(fee, 50, 100))
    paid = spent("equipment_payment")
    renewal = both(serves("equipment_renewal"), says("replaces_obsolete_equipment"), positive(paid))
    out.pay("3", me, renewal, fen(paid, 10, 100))
    area = spent("floor_area")
    built = both(industrial, serves("construction"), says("targets_verified"), positive(area))
    out.pay("4", me, built, fen(area, 75))
    invested = spent("fixed_asset_investment")
    transferred = both(
        manufacturing,
        serves("industry_transfer"),
        says("encouraged_transfer"),
        says("new_headquarters_or_centre"),
        positive(invested),
    )
    out.pay("5", me, transferred, fen(invested, 5, 100))
    researched = spent("rd_investment")
    out.pay("6b", me, both(serves("major_technology_programme"), positive(researched)), fen(researched, 30, 100))
    commercial = both(
        serves("commercialisation"),
        says("new_track_or_industry"),
        says("industrialised_locally"),
        known(spent("annual_output") >= 20_000_000 * NANO),
    )
    out.up_to("7", me, commercial, 1000)
    digital = spent("digital_investment")
    transformed = both(industrial, serves("digital_transformation"), says("evident_digital_effect"), positive(digital))
    out.digital(me, transformed, fen(digital, 40, 100), either(titles["smart_factory"], titles["digital_workshop"]))
    reduced = spent("carbon_reduction")
    out.pay("11", me, both(cleaner, serves("carbon_reduction"), positive(reduced)), fen(reduced, 200))
    chain = spent("chain_support_investment")
    out.pay("14a", me, both(serves("chain_support"), positive(chain)), fen(chain, 10, 100))


def _park(out: _Decision, park: Facts, year: int) -> None:
    name = "industrial_reclaimed_water"
    now, before = (report(park.get("reports"), year - back) for back in (1, 2))
    missing = tuple(
        f"park.{where}.{name}" for where, facts in (("latest", now), ("previous", before)) if name not in facts
    )
    if missing:
        out.pay("12a", "park", (None, missing), 0)
        return
    increase = nano(now[name]) - nano(before[name])
    out.pay("12a", "park", known(increase > 100_000 * NANO), fen(max(0, increase), 5))

"""One block of the synthetic province, drawn jointly: what an enterprise spends follows from its size and sector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conggao.facts.credit_code import ALPHABET, check_character
from conggao.facts.population import sectors
from conggao.facts.population.drawing import Draw

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 10_000
"""Enterprises drawn together: a smaller province is the beginning of a larger one."""
LATEST = 2024
"""The last complete year of the reports."""
_PREFIX = "91649999"
"""A company, and a county that no register has: no real enterprise bears such a code."""

Columns = dict[str, dict[str, Any]]
"""Table to column to array; `_of` holds the enterprise of each row, by its place in the block."""


def draw_block(seed: int, block: int) -> Columns:
    """The enterprises `block * BLOCK` and following, and everything of theirs."""
    import numpy as np
    import pyarrow as pa

    draw = Draw(seed, block)
    count = BLOCK
    listed = sectors.SECTORS
    sector = draw.choice([item.share for item in listed], count)

    def typical(name: str) -> Any:
        return np.array([getattr(item, name) for item in listed])[sector]

    codes = credit_codes(block * BLOCK, count)
    county = draw.choice([share for _, share in sectors.COUNTIES], count)
    revenue = draw.lognormal(typical("revenue"), typical("spread"), count)
    industrial = typical("carbon") > 0
    above_scale = revenue >= 2e7  # noqa: PLR2004 - the line of the statistics of industry
    employees = np.ceil(draw.lognormal(np.sqrt(revenue / 1e4), 0.5, count)).astype(np.int64)
    research = draw.chance(typical("research") * np.clip(np.log10(revenue / 1e5) / 4, 0.1, 1.2), count)
    made: Columns = {}
    number = np.char.zfill(np.arange(block * BLOCK, (block + 1) * BLOCK).astype("U9"), 9)
    kinds = np.array([item.name for item in listed])[sector]
    deducting = draw.chance(np.where(research, 0.85, 0.0), count)
    twice = deducting & draw.chance(0.7, count)
    leading = draw.chance(np.where(revenue > 5e8, 0.25, 0.005), count)  # noqa: PLR2004
    made["enterprises"] = {
        "credit_code": codes,
        "name": pa.array(np.char.add(np.char.add("（合成）", kinds), number)),
        "county": draw.null(
            pa.array([name for name, _ in sectors.COUNTIES]).take(pa.array(county)), ~draw.chance(0.01, count)
        ),
        "industry": draw.null(
            pa.array(np.array([item.industry for item in listed])[sector]), ~draw.chance(0.01, count)
        ),
        "employees": draw.null(pa.array(employees), ~draw.chance(0.06, count)),
        "fills_industry_gap": draw.flag(0.02, 0.5, count),
        "newly_settled": draw.flag(0.06, 0.1, count),
        "steady_growth_contributor": draw.flag(np.where(above_scale & industrial, 0.05, 0.0), 0.3, count),
        "key_chain_link": draw.flag(0.04, 0.5, count),
        "chain_leader": draw.flag(np.where(revenue > 1e9, 0.1, 0.001), 0.05, count),  # noqa: PLR2004
        "leading_enterprise": draw.null(pa.array(leading), ~draw.chance(0.2, count)),
        "chain_partners_upgraded": draw.null(
            pa.array(draw.random.poisson(np.where(leading, 8.0, 0.2))), ~draw.chance(0.4, count)
        ),
        "highest_earlier_output": draw.quantity(
            revenue * draw.random.uniform(0.8, 1.3, count), 2, industrial & draw.chance(0.6, count)
        ),
        "research_deduction_years": draw.words(
            np.stack([deducting, twice], axis=1), (str(LATEST), str(LATEST - 1))
        ).cast(pa.list_(pa.int32())),
        "technology_sme": draw.flag(np.where(research & (employees < 500), 0.45, 0.01), 0.05, count),  # noqa: PLR2004
        "high_technology": draw.flag(np.where(research, 0.25, 0.002), 0.03, count),
        "first_year_above_scale": draw.flag(np.where(above_scale, 0.06, 0.0), 0.05, count),
        "in_pilot_city": draw.flag(0.02, 0.7, count),
        "_of": np.arange(count),
    }
    made["reports"] = _reports(draw, typical, revenue, industrial, research)
    made["projects"] = _projects(draw, revenue, industrial, research)
    made["recognitions"] = _recognitions(draw, revenue, industrial)
    made["services"] = _services(draw, industrial)
    made |= _parks(county, seed)
    made["received"] = _received(draw, research, industrial)
    for table, columns in made.items():
        if table != "enterprises":
            columns["credit_code"] = codes.take(pa.array(columns["_of"]))
    return made


def credit_codes(start: int, count: int) -> pa.Array:
    """Credit codes with a right check character, in ascending order."""
    import numpy as np
    import pyarrow as pa

    digits = np.char.zfill(np.arange(start, start + count).astype("U9"), 9)
    weights = [check_character(_PREFIX + "0" * n + "1" + "0" * (8 - n)) for n in range(9)]
    none = ALPHABET.index(check_character(_PREFIX + "0" * 9))
    # The check character is linear in the digits: what a 1 at each place adds to it.
    steps = np.array([(ALPHABET.index(found) - none) % len(ALPHABET) for found in weights])
    values = digits.view("U1").reshape(count, 9).astype(np.int64)
    check = np.array(list(ALPHABET))[(none + values @ steps) % len(ALPHABET)]
    return pa.array(np.char.add(np.char.add(_PREFIX, digits), check))


def _reports(draw: Draw, typical: Any, revenue: Any, industrial: Any, research: Any) -> dict[str, Any]:
    """Two years each, the earlier one missing for the young; energy and emissions where the sector has them."""
    import numpy as np
    import pyarrow as pa

    count = len(revenue)
    old = np.nonzero(~draw.chance(0.07, count))[0]
    of = np.concatenate([np.arange(count), old])
    latest = np.arange(len(of)) < count
    rows = len(of)
    drift = draw.lognormal(1.05, 0.18, count)[of]
    base = revenue[of] / np.where(latest, 1.0, drift)
    output = base * draw.random.uniform(0.95, 1.15, rows)
    share = draw.lognormal(0.028, 0.8, count)[of]
    carbon = (typical("carbon") * draw.lognormal(1.0, 0.7, count))[of] / 1e6
    saved = np.where(latest, draw.lognormal(0.96, 0.06, count)[of], 1.0)
    power = (typical("power") * draw.lognormal(1.0, 0.6, count))[of] / 1e3
    is_industrial, has_research = industrial[of], research[of]
    return {
        "year": pa.array(np.where(latest, LATEST, LATEST - 1).astype(np.int32)),
        "main_business_revenue": draw.quantity(base, 2, ~draw.chance(0.03, rows)),
        "rd_expense": draw.quantity(
            np.where(has_research, base * np.minimum(share, 0.4), 0), 2, ~draw.chance(0.08, rows)
        ),
        "output_value": draw.quantity(output, 2, is_industrial & ~draw.chance(0.05, rows)),
        "carbon_emissions": draw.quantity(output * carbon * saved, 3, is_industrial & ~draw.chance(0.25, rows)),
        "electricity_use": draw.quantity(output * power * saved, 0, ~draw.chance(0.15, rows)),
        "_of": of,
    }


def _projects(draw: Draw, revenue: Any, industrial: Any, research: Any) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    rate = np.where(industrial, np.clip(np.log10(revenue / 2e6) * 0.35, 0.05, 2.0), 0.08)
    many = np.minimum(draw.random.poisson(rate), 6)
    of = np.repeat(np.arange(len(revenue)), many)
    rows = len(of)
    ordinal = np.arange(rows) - np.repeat(np.cumsum(many) - many, many) + 1
    size = revenue[of] * draw.lognormal(0.06, 1.0, rows)
    names = tuple(name for name, _ in sectors.PURPOSES)
    chosen = draw.random.random((rows, len(names))) < np.array([share for _, share in sectors.PURPOSES])
    chosen[np.arange(rows), draw.choice([share for _, share in sectors.PURPOSES], rows)] = True
    has = {name: chosen[:, n] for n, name in enumerate(names)}
    borrowed = draw.chance(0.45, rows)
    leased = draw.chance(0.12, rows)
    principal = size * draw.random.uniform(0.3, 0.7, rows)
    listed = borrowed & has["equipment_renewal"] & draw.chance(0.3, rows)
    drawn = np.datetime64("2024-01-01") + draw.random.integers(0, 366, rows)

    def part(low: float, high: float, when: Any) -> pa.Array:
        # What was not spent is left out.
        return draw.quantity(size * draw.random.uniform(low, high, rows), 2, when & ~draw.chance(0.04, rows))

    return {
        "id": pa.array(np.char.add("P", ordinal.astype("U2"))),
        "purposes": draw.words(chosen, names),
        "total_investment": draw.quantity(size, 2, ~draw.chance(0.1, rows)),
        "loan_principal": draw.quantity(principal, 2, borrowed),
        "loan_interest": draw.quantity(principal * draw.random.uniform(0.025, 0.055, rows), 2, borrowed),
        "loan_drawn_on": draw.null(pa.array(drawn.astype("datetime64[D]")), borrowed & ~draw.chance(0.1, rows)),
        "listed_loan": draw.null(pa.array(listed), ~draw.chance(0.1, rows)),
        "guarantee_fee": part(0.002, 0.01, borrowed & draw.chance(0.25, rows)),
        "lease_financed": draw.quantity(size * 0.3, 2, leased),
        "lease_interest": draw.quantity(size * 0.3 * draw.random.uniform(0.03, 0.07, rows), 2, leased),
        "lease_kind": draw.null(pa.array(np.where(draw.chance(0.7, rows), "direct", "leaseback")), leased),
        "equipment_payment": part(0.2, 0.8, has["equipment_renewal"] | has["intelligent_upgrade"]),
        "equipment_and_software": part(0.2, 0.9, has["intelligent_upgrade"] & draw.chance(0.6, rows)),
        "floor_area": draw.quantity(size / 3000, 1, has["construction"]),
        "fixed_asset_investment": part(0.3, 0.9, has["construction"] | has["industry_transfer"]),
        "rd_investment": part(0.1, 0.5, has["major_technology_programme"]),
        "digital_investment": part(0.05, 0.5, has["digital_transformation"]),
        "chain_support_investment": part(0.05, 0.4, has["chain_support"]),
        "carbon_reduction": draw.quantity(size / 20000 * draw.random.uniform(0.2, 2, rows), 3, has["carbon_reduction"]),
        "annual_output": part(0.2, 4, has["commercialisation"]),
        "technology_price_paid": part(0.01, 0.2, research[of] & draw.chance(0.05, rows)),
        "replaces_obsolete_equipment": draw.flag(0.5, 0.1, rows),
        "targets_verified": draw.flag(0.5, 0.35, rows),
        "encouraged_transfer": draw.flag(np.where(has["industry_transfer"], 0.7, 0.02), 0.1, rows),
        "new_headquarters_or_centre": draw.flag(0.01, 0.05, rows),
        "technology_innovation": draw.flag(0.12, 0.15, rows),
        "emerging_industry": draw.flag(0.15, 0.15, rows),
        "new_track_or_industry": draw.flag(0.08, 0.3, rows),
        "industrialised_locally": draw.flag(0.6, 0.2, rows),
        "evident_digital_effect": draw.flag(0.4, 0.4, rows),
        "self_funded": draw.null(pa.array(~borrowed & ~leased), ~draw.chance(0.1, rows)),
        "key_energy_industry": draw.flag(0.2, 0.3, rows),
        "listed_advanced_technology": draw.flag(0.05, 0.3, rows),
        "other_central_support": draw.flag(0.05, 0.2, rows),
        "_of": of,
    }


def _recognitions(draw: Draw, revenue: Any, industrial: Any) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    scale = np.clip(np.log10(revenue / 1e6) / 3, 0, 1) * industrial
    shares = np.array([share for _, _, share in sectors.TITLES])
    of, which = np.nonzero(draw.random.random((len(revenue), len(shares))) < np.outer(scale, shares))
    rows = len(of)
    year = draw.random.integers(LATEST - 4, LATEST + 1, rows).astype(np.int32)
    return {
        "title": pa.array([title for title, _, _ in sectors.TITLES]).take(pa.array(which)),
        "level": draw.null(
            pa.array([level for _, level, _ in sectors.TITLES]).take(pa.array(which)), ~draw.chance(0.04, rows)
        ),
        "year": draw.null(pa.array(year), ~draw.chance(0.08, rows)),
        "_of": of,
    }


def _services(draw: Draw, industrial: Any) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    many = np.minimum(draw.random.poisson(np.where(industrial, 0.25, 0.05)), 4)
    of = np.repeat(np.arange(len(many)), many)
    rows = len(of)
    ordinal = np.arange(rows) - np.repeat(np.cumsum(many) - many, many) + 1
    provider = np.char.zfill(draw.random.integers(0, sectors.PROVIDERS, rows).astype("U3"), 3)
    return {
        "id": pa.array(np.char.add("S", ordinal.astype("U2"))),
        "provider": pa.array(np.char.add("（合成）服务商", provider)),
        "kind": pa.array(sectors.KINDS).take(pa.array(draw.choice([0.4, 0.3, 0.2, 0.1], rows))),
        "fee": draw.quantity(draw.lognormal(40_000, 0.9, rows), 2, ~draw.chance(0.03, rows)),
        "_of": of,
    }


def _parks(county: Any, seed: int) -> Columns:
    """The park of every enterprise in one; its figures are those of the park, the same for all."""
    import numpy as np
    import pyarrow as pa

    names = [name for name, _ in sectors.COUNTIES]
    inside = np.nonzero(np.isin(county, [names.index(name) for name in sectors.PARKS]))[0]
    which = pa.array(county[inside])
    ids = pa.array([sectors.PARKS.get(name) for name in names])
    draw = Draw(seed, 2**31)
    before = draw.lognormal(2.0e6, 0.6, len(names))
    after = before * draw.random.uniform(0.95, 1.35, len(names))
    years = np.concatenate([np.full(len(inside), LATEST), np.full(len(inside), LATEST - 1)]).astype(np.int32)
    water = np.concatenate([after[county[inside]], before[county[inside]]])
    return {
        "parks": {"id": ids.take(which), "name": pa.array(names).take(which), "_of": inside},
        "park_reports": {
            "year": pa.array(years),
            "industrial_reclaimed_water": draw.quantity(water, 1),
            "_of": np.concatenate([inside, inside]),
        },
    }


def _received(draw: Draw, research: Any, industrial: Any) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    count = len(research)
    chance = np.array([share for _, share in sectors.RECEIVED])
    of, which = np.nonzero(draw.random.random((count, len(chance))) < np.outer(research & industrial, chance))
    rows = len(of)
    return {
        "measure": pa.array([measure for measure, _ in sectors.RECEIVED]).take(pa.array(which)),
        "subject": pa.array(np.full(rows, "enterprise")),
        "amount": draw.quantity(np.floor(draw.lognormal(12, 1.0, rows)) * 1e4, 2),
        "year": pa.array(draw.random.integers(LATEST - 1, LATEST + 1, rows).astype(np.int32)),
        "_of": of,
    }

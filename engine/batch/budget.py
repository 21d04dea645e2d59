"""What the decisions of a province cost: the granted claims summed up by measure, county, payer, size and recipient, to the fen.

A claim of a park stands in the decision of every enterprise of the park and counts once. Sums run from what is sure to the most that
the chosen plans may bring; where one of the claims has an open end, so has the sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from conggao.engine.decide import Engine
from conggao.engine.labels import LEVEL, PAYERS, RECIPIENTS
from conggao.engine.language.tree import Constant
from conggao.facts.diagnostics import Text
from conggao.facts.tables.checking import Checked
from conggao.facts.tables.database import connect

GROUPS: Mapping[str, Text] = {
    "measure": Text("按措施", "By measure"),
    "county": Text("按县区", "By county"),
    "payer": Text("按承担方", "By payer"),
    "size": Text("按规模", "By size"),
    "recipient": Text("按领取方", "By recipient"),
}
SIZES: Mapping[str, Text] = {
    "large": Text("大型", "large"), "medium": Text("中型", "medium"), "small": Text("小型", "small"), "micro": Text("微型", "micro"),
    "unknown": Text("不明", "unknown"),
}  # fmt: skip
SIZE_NOTE = Text(
    "规模一律按《统计上大中小微型企业划分办法》工业的从业人员和营业收入标准，取上年度主营业务收入。",
    "Sizes go by the thresholds of industry for employees and revenue in the statistical classification, with the latest main revenue.",
)
_EMPLOYEES, _REVENUE = (1000, 300, 20), (400_000_000, 20_000_000, 3_000_000)


@dataclass(frozen=True, slots=True)
class Sum:
    """The claims of one key of a group: who has them, how many, from what is sure to the most; `high` None where some end is open."""

    key: str
    label: Text
    enterprises: int
    claims: int
    low: Decimal
    high: Decimal | None
    open: int = 0


@dataclass(frozen=True, slots=True)
class Beyond:
    """A provider whose customers together are granted more than its cap."""

    measure: str
    provider: str
    customers: int
    granted: Decimal
    cap: Decimal

    @property
    def excess(self) -> Decimal:
        """What is granted beyond the cap."""
        return self.granted - self.cap


@dataclass(frozen=True, slots=True)
class Budget:
    """The sums by group, of all; how the outcomes stand; providers beyond their cap; parks whose figures contradict each other."""

    groups: Mapping[str, tuple[Sum, ...]]
    total: Sum
    most: Decimal | None
    """The most that discretion could bring, whatever the plans: the upper end of all totals; None where one is open."""
    statuses: Mapping[str, int]
    beyond: tuple[Beyond, ...]
    contradicting: tuple[str, ...] = ()


class Books:
    """A DuckDB over checked tables and the outcomes of one or more runs: tables `awards_0`, `awards_1` …, a row a claim and payer.

    The enterprises `without` are left out of every sum.
    """

    def __init__(
        self, checked: Checked, day: date | None, memory: str | None, work: Path, without: Collection[str] = ()
    ) -> None:
        self.checked = checked
        self.connection = connect(memory, work)
        for name in ("enterprises", "reports", "parks", "services"):
            self.connection.register(name, checked.dataset(name))
        fixed = "NULL::DATE" if day is None else f"DATE '{day}'"
        cases = " ".join(
            f"WHEN employees >= {people} AND revenue >= {money} THEN '{size}'"
            for size, people, money in zip(SIZES, _EMPLOYEES, _REVENUE, strict=False)
        )
        self.connection.execute(
            "CREATE TABLE people AS SELECT case_no, credit_code, name, county, CASE "
            f"WHEN employees IS NULL OR revenue IS NULL THEN 'unknown' {cases} ELSE 'micro' END AS size FROM ("
            "SELECT e.case_no, e.credit_code, e.name, coalesce(e.county, '') AS county, e.employees, "
            "r.main_business_revenue AS revenue FROM enterprises e LEFT JOIN reports r ON r.case_no = e.case_no "
            f"AND r.year = year(coalesce({fixed}, e.as_of)) - 1)"
        )
        self.connection.executemany("DELETE FROM people WHERE credit_code = ?", [[code] for code in without] or [[""]])
        self.measures: dict[str, tuple[Text, str]] = {}

    def add(self, name: str, outcomes: Path, totals: Path, engine: Engine) -> None:
        """The outcomes and totals of a run as the tables `awards_NAME`, `claims_NAME` and `totals_NAME`."""
        import pyarrow as pa

        levels: list[tuple[str, str, list[str]]] = []
        for policy in engine.rulebooks.policies:
            for measure in policy.measures:
                self.measures.setdefault(measure.key, (measure.title, policy.level))
                levels.append((measure.key, policy.level, [line.name for line in measure.lines]))
        # The lines of a claim are those of its measure, which no amendment changes: reading them of every row costs most.
        table = pa.table(
            {
                "measure": pa.array([key for key, _, _ in levels], pa.string()),
                "level": pa.array([level for _, level, _ in levels], pa.string()),
                "lines": pa.array([lines for _, _, lines in levels], pa.list_(pa.string())),
            }
        )
        self.connection.register(f"levels_{name}", table)
        run, sums = (str(path).replace("'", "''") for path in (outcomes, totals))
        self.connection.execute(
            f"CREATE TABLE claims_{name} AS WITH found AS MATERIALIZED ("
            "SELECT o.credit_code, o.measure, o.subject, o.recipient, l.lines, o.amount_low AS low, "
            "o.amount_high AS high, o.funding, l.level, p.id AS park, s.provider, e.county, e.size, "
            "CASE o.recipient WHEN 'park' THEN 'park:' || coalesce(p.id, o.credit_code) WHEN 'provider' THEN 'provider:' || "
            "coalesce(s.provider, o.credit_code) ELSE o.credit_code END AS who "
            f"FROM read_parquet('{run}') o JOIN levels_{name} l USING (measure) "
            "JOIN people e ON e.credit_code = o.credit_code "
            "LEFT JOIN parks p ON o.subject = 'park' AND p.case_no = e.case_no "
            "LEFT JOIN services s ON s.case_no = e.case_no AND o.subject = 'service:' || s.id "
            "WHERE o.status = 'granted') SELECT *, true AS counts FROM found WHERE park IS NULL UNION ALL "
            "SELECT *, row_number() OVER (PARTITION BY measure, subject, park ORDER BY low DESC, credit_code) = 1 "
            "FROM found WHERE park IS NOT NULL"
        )
        self.connection.execute(f"CREATE VIEW paid_{name} AS SELECT * FROM claims_{name} WHERE counts")
        self.connection.execute(
            f"CREATE VIEW shares_{name} AS SELECT * EXCLUDE (part, low, high), "
            "part.payer AS payer, part.low AS low, part.high AS high FROM (SELECT * EXCLUDE (funding), "
            f"unnest(coalesce(funding, [{{'payer': level, 'low': low, 'high': high}}])) AS part FROM paid_{name})"
        )
        self.connection.execute(f"CREATE VIEW totals_{name} AS SELECT * FROM read_parquet('{sums}')")
        self.connection.execute(f"CREATE VIEW outcomes_{name} AS SELECT * FROM read_parquet('{run}')")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        found: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        return found

    def label(self, group: str, key: str) -> Text:
        """What a key of a group is called."""
        match group:
            case "measure":
                return self.measures[key][0] if key in self.measures else Text(key, key)
            case "payer":
                return PAYERS.get(key) or LEVEL.get(key) or Text(key, key)
            case "size":
                return SIZES[key]
            case "recipient":
                return RECIPIENTS[key]
            case _ if not key:
                return Text("（不明）", "(unknown)")
            case _:
                return self.checked.vocabulary.words("counties").get(key, Text(key, key))

    def order(self, group: str, keys: Sequence[str]) -> list[str]:
        """Keys in the order in which people read them."""
        known = {
            "measure": list(self.measures),
            "payer": ["national", "region", "city", "county"],
            "size": list(SIZES),
            "recipient": list(RECIPIENTS),
        }.get(group, [])
        return sorted(keys, key=lambda key: (known.index(key) if key in known else len(known), key == "", key))

    def close(self) -> None:
        """Lets go of memory and files."""
        self.connection.close()


_SUMS = "count(DISTINCT credit_code), count(*), coalesce(sum(low), 0), coalesce(sum(high), 0), count(*) FILTER (WHERE high IS NULL)"


def budget(books: Books, name: str, engine: Engine) -> Budget:
    """The sums of the run `name`."""
    groups: dict[str, tuple[Sum, ...]] = {}
    for group in GROUPS:
        source = f"shares_{name}" if group == "payer" else f"paid_{name}"
        found = {row[0]: row for row in books.rows(f"SELECT {group}, {_SUMS} FROM {source} GROUP BY {group}")}
        groups[group] = tuple(_sum(books.label(group, key), *found[key]) for key in books.order(group, list(found)))
    total = _sum(Text("合计", "Total"), "", *books.rows(f"SELECT {_SUMS} FROM paid_{name}")[0])
    [(most, open_)] = books.rows(
        f"SELECT coalesce(sum(high), 0), count(*) FILTER (WHERE high IS NULL) FROM (SELECT high, "
        "recipient <> 'park' OR id IS NULL OR "
        "row_number() OVER (PARTITION BY recipient, id ORDER BY low DESC, t.credit_code) = 1 AS counts "
        f"FROM totals_{name} t JOIN people e USING (credit_code) "
        "LEFT JOIN parks p ON t.recipient = 'park' AND p.case_no = e.case_no) WHERE counts"
    )
    statuses = dict(books.rows(f"SELECT status, count(*) FROM outcomes_{name} GROUP BY status ORDER BY status"))
    contradicting = books.rows(
        f"SELECT DISTINCT park FROM claims_{name} WHERE recipient = 'park' AND park IS NOT NULL "
        "GROUP BY measure, subject, park HAVING count(DISTINCT (low, high)) > 1 ORDER BY park"
    )
    return Budget(
        groups,
        total,
        None if open_ else Decimal(most),
        statuses,
        _beyond(books, name, engine),
        tuple(p for (p,) in contradicting),
    )


def _sum(label: Text, key: str, enterprises: int, claims: int, low: Any, high: Any, open_: int) -> Sum:
    return Sum(key, label, enterprises, claims, Decimal(low), None if open_ else Decimal(high), open_)


def _beyond(books: Books, name: str, engine: Engine) -> tuple[Beyond, ...]:
    """Providers who together with all their customers come beyond a cap that is one figure; each decision saw its own customer only."""
    found: list[Beyond] = []
    for policy in engine.rulebooks.policies:
        for measure in policy.measures:
            if (
                measure.cap_per != "provider"
                or not isinstance(measure.cap, Constant)
                or isinstance(measure.cap.value, str | date)
            ):
                continue
            cap = Decimal(measure.cap.value.numerator) / Decimal(measure.cap.value.denominator)
            key = measure.key.replace("'", "''")
            for provider, customers, granted in books.rows(
                f"SELECT provider, count(DISTINCT credit_code), sum(low) FROM paid_{name} WHERE measure = '{key}' AND provider IS NOT NULL "
                f"GROUP BY provider HAVING sum(low) > {cap}::DECIMAL(38, 2) ORDER BY sum(low) DESC, provider"
            ):
                found.append(Beyond(measure.key, provider, customers, Decimal(granted), cap))
    return tuple(found)

"""Decisions are repeated to the byte from what is stored with them; under another law the difference is told."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conggao.engine import Engine, InputFaults
from conggao.engine.ledger import Ledger
from conggao.engine.ledger.chain import GENESIS, Entry
from conggao.engine.ledger.schema import GUARDS, VERSION, metadata
from conggao.engine.ledger.store import Store
from conggao.engine.rulebook.page import parse_page
from tests.agreement import wider
from tests.engine.ledger.offices import CITY, REGION, case, credit_code, office, page, yuan


def test_every_decision_is_repeated_to_the_byte(url: str, everything: Engine, engine: Engine) -> None:
    with Ledger.open(url) as ledger:
        for seed in range(12):
            ledger.record(
                wider.generate(seed), engine=everything if seed % 3 else engine, evaluator="exact" if seed % 2 else "forward",
                lang="en" if seed % 4 else "zh",
            )  # fmt: skip
        done: list[int] = []
        found = ledger.replay(progress=lambda at, of: done.append(at * 100 + of))
        assert (found.exact, found.decisions, found.same, found.differing) == (True, 12, 12, ())
        assert done == [n * 100 + 12 for n in range(1, 13)]


def test_a_recorded_page_decides_after_it_has_changed(tmp_path: Path) -> None:
    """The page a decision was made under is gone from the disk, and stands in the ledger."""
    path = tmp_path / "city.md"
    path.write_bytes(b"\xef\xbb\xbf" + CITY.encode())  # with a mark at its beginning, which its hash covers
    facts = case(1, projects=[{"id": "P1", "equipment_payment": 1_000_000}])
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(facts, engine=Engine([path]), evaluator="exact")
        path.unlink()
        assert ledger.replay().same == 1
        assert ledger.verify().holds
        assert kept.decision.outcome("machine").amount.low == 200_000  # type: ignore[union-attr]


def test_who_would_be_treated_differently_and_by_how_much(tmp_path: Path) -> None:
    """Twenty per cent become twenty-five: an enterprise with a machine gains a quarter, one without is the same."""
    raised = CITY.replace("20%", "25%").replace("Twenty per", "25 per")
    changed = Engine.of([parse_page(raised.encode(), "city.md")])
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        for number in range(6):
            payment = 100_000 * number
            facts = case(number, chain_leader=True, projects=[{"id": "P1", "equipment_payment": payment}])
            ledger.record(facts, engine=office("city"), evaluator="exact")
        found = ledger.replay(engine=changed)
        assert (found.exact, found.decisions, found.same) == (False, 6, 1)
        for number, item in enumerate(found.differing, start=1):
            assert item.holder == credit_code(number)
            assert item.gain == yuan(5_000 * number)
            (shift,) = item.shifts
            assert (shift.measure, shift.amount_before, shift.amount_after) == (
                "city-x/machine", yuan(20_000 * number), yuan(25_000 * number),
            )  # fmt: skip
        assert found.payers == {"city": yuan(5_000 * sum(range(6)))}
        later = ledger.replay(as_of="2031-01-01")
        assert later.same == 0
        assert all(item.gain < 0 for item in later.differing)
        with pytest.raises(InputFaults, match="is not a date"):
            ledger.replay(as_of="2031-13-01")


def test_a_case_that_the_other_rulebooks_cannot_read_is_said(tmp_path: Path) -> None:
    fact = "{name: flies, label: {zh: 会飞, en: flies}, type: flag, subject: enterprise, absent: unknown}"
    own = CITY.replace("## 设备", f"```facts\nfacts:\n  - {fact}\n```\n\n## 设备", 1)
    knows = Engine.of([parse_page(own.encode(), "city.md")])
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        facts = case(1)
        facts["enterprise"]["flies"] = True
        ledger.record(facts, engine=knows, evaluator="exact")
        assert ledger.replay().same == 1
        (item,) = ledger.replay(engine=office("city")).differing
        assert "flies" in (item.fault or "")


def test_history_tells_what_was_granted_refused_and_paid_with_reasons(tmp_path: Path) -> None:
    facts = case(1, chain_leader=False, projects=[{"id": "P1", "equipment_payment": 1000, "fixed_asset_investment": 5}])
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(facts, engine=office("city"), evaluator="exact", lang="en")
        paid = ledger.award(kept.entry, "machine", note="first half", amount=100)
        wrong = ledger.award(kept.entry, "capped")
        ledger.award(kept.entry, "prize")
        ledger.reverse(wrong.entry, "paid to the wrong account")
        past = ledger.history(credit_code(1), lang="en")
        (decision,) = past.decisions
        assert {item.measure: item.reason for item in decision.granted}["city-x/machine"].startswith("20% × ")
        told = {item.measure: (item.status, item.reason) for item in decision.not_granted}
        assert told["city-x/prize"] == ("unmet", "chain leader")
        assert told["city-x/yearly"][0] == "undetermined"
        assert "latest.rd_expense" in told["city-x/yearly"][1]
        assert [(a.entry, a.note, a.reversed_by, a.reversed_because) for a in past.awards] == [
            (paid.entry, "first half", None, None), (wrong.entry, None, 5, "paid to the wrong account"),
        ]  # fmt: skip
        (refusal,) = past.refusals
        assert refusal.reason == "decision"
        assert "its conditions are not met" in refusal.message.en
        assert past.paid == {"enterprise": yuan(100)}
        assert ledger.history("park:K1").decisions == ()


def test_a_park_is_known_by_its_id_whichever_enterprise_names_it(tmp_path: Path, engine: Engine) -> None:
    park = {"id": "K1", "reports": [
        {"year": 2023, "industrial_reclaimed_water": 1_000_000}, {"year": 2024, "industrial_reclaimed_water": 1_500_000},
    ]}  # fmt: skip
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = [ledger.record(case(n, park=park), engine=engine, evaluator="exact") for n in (1, 2)]
        answers = [ledger.award(item.entry, "12a") for item in kept]
        assert [answer.status for answer in answers] == ["awarded", "refused"]
        assert answers[1].in_the_way[0].entry == answers[0].entry
        past = ledger.history("park:K1")
        assert past.paid == {"park": answers[0].amount}
        assert len(past.decisions) == 2
        assert ledger.received(None, park="K1")[0].amount == answers[0].amount
        third = ledger.record(case(3, park=park), engine=engine, evaluator="exact", received=True)
        assert third.decision.outcome("12a").status == "received"


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_what_is_written_out_is_enough_to_check_the_chain(url: str, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    folder = tmp_path / "out"
    with Ledger.open(url) as ledger:
        for number in range(4):
            facts = case(number, chain_leader=True, projects=[{"id": "P1", "equipment_payment": 1000}])
            kept = ledger.record(facts, engine=office("city"), evaluator="exact")
            for measure in ("prize", "prize", "machine"):
                answer = ledger.award(kept.entry, measure)
        ledger.reverse(answer.entry, "误付")
        files = ledger.export(folder)
        with pytest.raises(InputFaults, match="the file exists"):
            ledger.export(folder)
        ledger.export(folder, force=True)
        assert {path.name for path in folder.iterdir()} == {path.name for path in files}
        before, last = GENESIS, ledger.verify().head
        paid = sum((sum(ledger.history(credit_code(n)).paid.values()) for n in range(4)), Decimal(0))
    texts = {item["sha256"]: item["text"] for item in lines(folder / "texts.jsonl")}
    assert all(hashlib.sha256(text.encode()).hexdigest() == name for name, text in texts.items())
    for line in lines(folder / "entries.jsonl"):
        entry = Entry.of(line)
        assert (entry.prev, entry.digest()) == (before, entry.hash)
        before = entry.hash
        if entry.kind == "decision":
            assert json.loads(texts[entry.said["result"]])["as_of"] == "2025-03-01"
    assert last is not None
    assert before == last.hash
    awards = arrow.read_table(folder / "awards.parquet").to_pylist()
    assert sum(row["amount"] for row in awards if row["reversed_by"] is None) == paid
    assert len(arrow.read_table(folder / "refusals.parquet")) == 4
    assert arrow.read_table(folder / "decisions.parquet").column("entry").to_pylist() == [1, 5, 9, 13]
    granted = [
        row for row in arrow.read_table(folder / "outcomes.parquet").to_pylist() if row["measure"] == "city-x/prize"
    ]
    assert [row["amount_low"] for row in granted] == [yuan(300_000)] * 4


def test_the_migrations_make_what_the_queries_expect(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    Ledger.open(url).close()
    store = Store.open(url, witness=None, create=False)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == VERSION
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'" if store.file else "SELECT tgname FROM pg_trigger"
        )
        assert set(connection.execute(sa.text(query)).scalars()) >= GUARDS
    store.close()


def test_pages_beside_keep_what_they_declare() -> None:
    """An engine made of stored pages knows no shipped page that was not stored with them."""
    with pytest.raises(InputFaults, match="the line `equipment_purchase` is not declared"):
        Engine.of([page("region")], beside=[])
    declares = REGION.replace(
        "conflicts:", "lines:\n  equipment_purchase: {zh: 设备购置, en: equipment purchase}\nconflicts:"
    )
    beside = parse_page(declares.replace("region-x", "region-y").encode(), "beside.md")
    alone = Engine.of([page("region")], beside=[beside])
    assert [item.name for item in alone.beside] == ["beside.md"]
    assert [item.measure for item in alone.decide(case(1)).outcomes] == ["region-x/most"]

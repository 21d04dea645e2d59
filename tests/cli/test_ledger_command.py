"""`conggao ledger` as a user runs it: what is recorded, refused, told, found wrong; both languages, JSON, exit codes."""

from __future__ import annotations

import json
import shlex
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.console import ROOT, run

pytest.importorskip("sqlalchemy", reason="sqlalchemy is not installed")
SAMPLE = str(ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml")
CODE = "91640100MA7EXAMP48"


def ledger(folder: Path, command: str, expected: int = 0, **environment: str) -> str:
    """What `conggao ledger COMMAND` says, on both streams, in English."""
    done = run("ledger", *shlex.split(command), "--lang", "en", cwd=folder, columns=200, **environment)
    assert done.returncode == expected, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_ledger_from_the_first_decision_to_the_last_check(tmp_path: Path) -> None:
    said = ledger(tmp_path, f"record {SAMPLE} --key K --award 2a --award '9b@project:P3=55 万元'")
    assert "entry 1: decision" in said
    assert "entry 3: awarded yinchuan-2024-2/9b · project P3 CNY 550,000.00" in said
    assert "(this key was there)" in ledger(tmp_path, f"record {SAMPLE} --key K --award 2a")
    said = ledger(tmp_path, f"record {SAMPLE} --award 2a --award 8a", expected=1)
    assert "paid once, and has been paid: entry 2 (yinchuan-2024-2/2a, project:P1" in said
    assert "gives it up for a better claim" in said
    said = ledger(tmp_path, f"record {SAMPLE} --received")
    assert "entry 7: decision" in said
    assert "entry 8: takes back entry 3" in ledger(tmp_path, "record --reverse 3 --because 误付")
    said = ledger(tmp_path, f"history {CODE}")
    assert "Guarantee fees of gap-filling newcomers yinchuan-2024-2/2a · project P1 · for 2024  180,000.00" in said
    assert "taken back by entry 8: 误付" in said
    assert "← national-equipment-loan-2024/loan" in said
    assert "3 decisions, 3 the same to the byte" in ledger(tmp_path, "replay")
    assert "paid more or less:" in ledger(tmp_path, "replay --as-of 2026-03-01")
    said = ledger(tmp_path, "verify")
    assert "the ledger holds\n8 entries, the last is 8:" in said
    head = said.split()[-1]
    assert "holds" in ledger(tmp_path, f"verify --head {head}")
    assert "does not have the hash noted elsewhere" in ledger(tmp_path, "verify --head 8:00000000", expected=1)
    assert "entries.jsonl" in ledger(tmp_path, "export out --format jsonl")
    assert "台账完好" in run("ledger", "verify", "--lang", "zh", cwd=tmp_path).stdout


def test_json_is_what_the_models_say(tmp_path: Path) -> None:
    def told(command: str, expected: int = 0) -> Any:
        done = run("ledger", *shlex.split(command), "--json", cwd=tmp_path)
        assert done.returncode == expected, done.stderr
        return json.loads(done.stdout)

    recorded = told(f"record {SAMPLE} --award 2a --award 2a", expected=1)
    assert recorded["decision"]["result"]["as_of"] == "2025-03-01"
    assert [item["status"] for item in recorded["awards"]] == ["awarded", "refused"]
    assert recorded["awards"][1]["in_the_way"][0]["entry"] == recorded["awards"][0]["entry"]
    assert told(f"history {CODE}")["paid"] == {"enterprise": "180000.00"}
    verdict = told("verify")
    assert (verdict["holds"], verdict["entries"], verdict["findings"]) == (True, 3, [])
    assert told("replay")["same"] == 1
    assert told("record --reverse 2 --because x")["award"]["reversed_by"] == 4
    assert len(told("export out")["files"]) == 6


def test_a_ledger_that_was_tampered_with_is_said_and_ends_with_one(tmp_path: Path) -> None:
    ledger(tmp_path, f"record {SAMPLE} --award 2a")
    connection = sqlite3.connect(tmp_path / "conggao-ledger.db")
    connection.execute("DROP TRIGGER entries_no_update")
    connection.execute("UPDATE entries SET body = replace(body, '180000.00', '280000.00') WHERE seq = 2")
    connection.commit()
    connection.close()
    said = ledger(tmp_path, "verify", expected=1)
    assert "entry 2: what it says does not fit its hash [altered]" in said
    assert "the ledger was tampered with" in said


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("verify", "ledger/none"),
        (f"record {SAMPLE} --ledger mysql://x/y", "ledger/url"),
        (f"record {SAMPLE} --ledger postgresql://u:secret@127.0.0.1:1/x", "ledger/unavailable"),
        (f"record {SAMPLE} --award 2z", "ledger/no-claim"),
        (f"record {SAMPLE} --award 9b", "ledger/amount"),
        (f"record {SAMPLE} --award 3", "ledger/which-claim"),
        (f"record {SAMPLE} --key ''", "ledger/key"),
        ("record", "call/argument"),
    ],
)
def test_what_cannot_be_is_one_message(tmp_path: Path, command: str, code: str) -> None:
    said = ledger(tmp_path, command, expected=2)
    assert f"error[{code}]" in said
    assert "secret" not in said


def test_the_ledger_can_be_named_by_the_environment(tmp_path: Path) -> None:
    ledger(tmp_path, f"record {SAMPLE}", CONGGAO_LEDGER="here.db", CONGGAO_WITNESS="elsewhere.txt")
    assert (tmp_path / "here.db").exists()
    assert (tmp_path / "elsewhere.txt").read_text().startswith("1 ")
    assert "error[ledger/no-entry]" in ledger(
        tmp_path, "record --decision 7 --award 2a", expected=2, CONGGAO_LEDGER="here.db"
    )


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    (tmp_path / "policy").symlink_to(ROOT / "policy")
    told = [(ROOT / name).read_text("utf-8").splitlines() for name in ("README.md", "README.zh-CN.md")]
    lines, same = ([line for line in text if line.startswith("conggao ledger ")] for text in told)
    assert lines == same, "both say the same"
    assert {shlex.split(line)[2] for line in lines} == {"record", "history", "verify", "replay", "export"}
    for line in lines:
        done = run(*shlex.split(line)[1:], cwd=tmp_path)
        assert done.returncode == 0, line + done.stdout + done.stderr

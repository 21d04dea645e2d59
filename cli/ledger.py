"""`conggao ledger`: what was decided and paid, kept so that it can be checked and repeated, and nothing is paid twice."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conggao.cli.decide import make_engine
from conggao.cli.options import AsOf, EngineOption, Force, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.engine import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.loading import load_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from conggao.engine.ledger import Answer, Kept, Ledger, Payment

app = typer.Typer(
    help="台账：记录判定与拨付，同一事项不重复支付。 The ledger: decisions and awards on record, and nothing paid twice.",
    no_args_is_help=True,
)

REFUSED = 1
"""The exit code where an award is refused, a ledger does not hold, or a replay differs."""

Where = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="FILE|URL",
        envvar="CONGGAO_LEDGER",
        show_envvar=False,
        help="台账：SQLite 文件，或 postgresql://…；也可用环境变量 CONGGAO_LEDGER 给出。 The ledger: a SQLite file or a "
        "postgresql://… URL; CONGGAO_LEDGER names it too.",
    ),
]
WitnessFile = Annotated[
    Path | None,
    typer.Option(
        "--witness",
        metavar="FILE",
        envvar="CONGGAO_WITNESS",
        show_envvar=False,
        help="见证文件，库外另存各项哈希。 The witness file, which holds every hash outside the database.",
    ),
]
CaseArgument = Annotated[
    Path | None, typer.Argument(metavar="[CASE]", help="案例文件（YAML 或 JSON）。 The case file (YAML or JSON).")
]
DEFAULT = "conggao-ledger.db"


@app.command()
def record(
    case: CaseArgument = None,
    ledger: Where = DEFAULT,
    witness: WitnessFile = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", help="请求的名字，重发时得到同样的回答。 A name of the request: sent again, it answers the same."
        ),
    ] = None,
    received: Annotated[
        bool, typer.Option("--received", help="计入台账中的已获支持。 Count what the ledger knows was received.")
    ] = False,
    award: Annotated[
        list[str] | None,
        typer.Option(
            "--award", metavar="MEASURE[@SUBJECT][=AMOUNT]", help="同时拨付，可重复。 Award it as well; repeatable."
        ),
    ] = None,
    decision: Annotated[
        int | None,
        typer.Option("--decision", metavar="N", help="按已入账的判定拨付。 Award under a recorded decision."),
    ] = None,
    reverse: Annotated[
        int | None, typer.Option("--reverse", metavar="N", help="撤回一项拨付。 Take an award back.")
    ] = None,
    because: Annotated[str | None, typer.Option("--because", help="撤回的理由。 Why it is taken back.")] = None,
    as_of: AsOf = None,
    policy: Policies = None,
    engine: EngineOption = "forward",
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """记入一项判定、按判定拨付，或撤回拨付。 Record a decision, awards under one, or the reversal of an award."""
    given = [
        name for name, value in (("CASE", case), ("--decision", decision), ("--reverse", reverse)) if value is not None
    ]
    if len(given) != 1:
        message = Text("给出案例、--decision、--reverse 三者之一", "give one of a case, --decision and --reverse")
        raise InputFaults([Diagnostic("call/argument", message, path=" ".join(given) or "CASE")])
    spoken = json_language(lang) if json else language(lang)
    asked = [_payment(text, 0, key) for text in award or ()]
    with _open(ledger, witness, create=case is not None) as opened:
        if reverse is not None:
            _reverse(opened, reverse, because, key, spoken, json)
            return
        kept = None
        if case is not None:
            decider, name = make_engine(policy, engine, language(lang))
            stated = load_case(case, decider.vocabulary)
            kept = opened.record(
                stated, engine=decider, as_of=as_of, received=received, key=key, evaluator=name, lang=spoken
            )
            decision = kept.entry
            if not json:
                _tell(kept, (), spoken, False)  # it is recorded, whatever becomes of the awards
        payments = [item.model_copy(update={"decision": decision}) for item in asked]
        answers = opened.award_all(payments) if payments else ()
    if json or answers:
        _tell(kept if json else None, answers, spoken, json)
    if any(answer.status == "refused" for answer in answers):
        raise typer.Exit(REFUSED)


@app.command()
def history(
    credit_code: Annotated[
        str, typer.Argument(metavar="CREDIT_CODE", help="统一社会信用代码，或 park:编号。 The credit code, or park:ID.")
    ],
    ledger: Where = DEFAULT,
    witness: WitnessFile = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """一家企业获批、未获批、已拨付什么，为什么。 What an enterprise was granted, refused and paid, and why."""
    from conggao.cli.ledger_views import past_view

    spoken = json_language(lang) if json else language(lang)
    with _open(ledger, witness, create=False) as opened:
        past = opened.history(credit_code, lang=spoken)
    if json:
        _print(past)
    else:
        console().print(past_view(past, spoken))


@app.command()
def verify(
    ledger: Where = DEFAULT,
    witness: WitnessFile = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="NUMBER:HASH",
            help="另记的某项哈希，应在台账之内。 A hash noted elsewhere, which must be in it.",
        ),
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """查出被改、被删、被调换、被截去的每一项。 Find every entry altered, removed, reordered or cut off."""
    from conggao.cli.ledger_views import verdict_view

    doing = Text("核对台账", "reading the ledger")
    with _open(ledger, witness, create=False) as opened, _progress(doing.of(language(lang)), quiet=json) as step:
        verdict = opened.verify(head=head, progress=step)
    if json:
        _print(verdict)
    else:
        console().print(verdict_view(verdict, language(lang)))
    if not verdict.holds:
        raise typer.Exit(REFUSED)


@app.command()
def replay(
    ledger: Where = DEFAULT,
    witness: WitnessFile = None,
    as_of: AsOf = None,
    policy: Policies = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """重新判定每一个入账的案例，列出结果不同的。 Decide every recorded case again, and list who would be treated differently."""
    from conggao.cli.ledger_views import replay_view

    doing = Text("重新判定", "deciding again")
    with _open(ledger, witness, create=False) as opened, _progress(doing.of(language(lang)), quiet=json) as step:
        found = opened.replay(as_of=as_of, engine=None if policy is None else Engine(policy), progress=step)
    if json:
        _print(found)
    else:
        console().print(replay_view(found, language(lang)))
    if found.exact and found.differing:
        raise typer.Exit(REFUSED)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写到此文件夹。 The folder to write to.")],
    ledger: Where = DEFAULT,
    witness: WitnessFile = None,
    format: Annotated[  # noqa: A002 - the name of the option
        list[str] | None,
        typer.Option("--format", metavar="jsonl|parquet", help="只要这种格式，可重复。 Only this format; repeatable."),
    ] = None,
    force: Force = False,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """导出为 JSON 行和 Parquet 表。 Write it as JSON lines and Parquet tables."""
    with _open(ledger, witness, create=False) as opened:
        files = opened.export(folder, formats=tuple(format or ("jsonl", "parquet")), force=force)
    if json:
        print_json(jsonlib.dumps({"files": [str(file) for file in files]}, ensure_ascii=False, indent=1))
        return
    out = console()
    for file in files:
        out.print(str(file), markup=False, soft_wrap=True)


def _open(url: str, witness: Path | None, *, create: bool) -> Ledger:
    from conggao.engine.ledger import Ledger

    return Ledger.open(url, witness=witness, create=create)


def _payment(text: str, decision: int, key: str | None) -> Payment:
    """`MEASURE[@SUBJECT][=AMOUNT]` as a request; its key is that of the whole with the claim behind it."""
    from conggao.engine.ledger.ledger import payment

    claim, _, amount = text.partition("=")
    measure, _, subject = claim.strip().partition("@")
    own = None if key is None else f"{key}/{claim.strip()}"
    return payment(decision, measure.strip(), subject.strip() or None, amount.strip() or None, own, None)


def _reverse(opened: Ledger, award: int, because: str | None, key: str | None, lang: Lang, machine: bool) -> None:
    from conggao.cli.ledger_views import reversed_view

    done = opened.reverse(award, because or "", key=key)
    if machine:
        _print(done)
    else:
        console().print(reversed_view(done, lang))


def _tell(kept: Kept | None, answers: Sequence[Answer], lang: Lang, machine: bool) -> None:
    from conggao.cli.ledger_views import recorded_view

    if machine:
        told: dict[str, Any] = {"decision": None, "awards": [answer.model_dump(mode="json") for answer in answers]}
        if kept is not None:
            told["decision"] = {
                **kept.model_dump(mode="json", exclude={"result"}),
                "result": jsonlib.loads(kept.result),
            }
        print_json(jsonlib.dumps(told, ensure_ascii=False, indent=1))
    else:
        console().print(recorded_view(kept, answers, lang))


def _print(model: BaseModel) -> None:
    print_json(model.model_dump_json(indent=1))


@contextmanager
def _progress(doing: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)

"""`conggao decide`: what an enterprise may claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast

import typer

from conggao.cli.options import AsOf, CaseFile, EngineOption, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.report import check_report, save_report
from conggao.cli.views import decision_view
from conggao.engine import Engine
from conggao.engine.sitting import EngineName
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.loading import load_case
from conggao.facts.models import Case

ENGINES = ("forward", "exact")
All = Annotated[bool, typer.Option("--all", help="列出所有不符合的措施。 List every measure that does not apply.")]
Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.html",
        help="把判定写成一页可打印的 HTML 报告。 Write the decision as one HTML page to print or send.",
    ),
]


def decide(
    case: CaseFile,
    as_of: AsOf = None,
    policy: Policies = None,
    engine: EngineOption = "forward",
    lang: LangOption = None,
    json: Json = False,
    report: Report = None,
    all: All = False,  # noqa: A002 - the name of the option
) -> None:
    """判定一家企业可以领取哪些支持。 Decide what an enterprise may claim."""
    spoken = json_language(lang) if json else language(lang)
    if report is not None:
        check_report(report, case)
    decider, name = make_engine(policy, engine, language(lang))
    stated = read_case(case, decider, policy)
    decision = decider.decide(stated, as_of=as_of, engine=name, lang=spoken)
    if report is not None:
        save_report(decision, decider, report)
        said = Text(f"报告已写到 {report}", f"the report was written to {report}").of(language(lang))
        console(stderr=True).print(said, style="green", markup=False, soft_wrap=True)
    if json:
        print_json(decision.to_json())
        return
    out = console()
    out.print(decision_view(decision, decider, everything=all, width=out.width))


def read_case(path: Path, engine: Engine, policies: list[str] | None) -> Case:
    """The case. Raises InputFaults; where no page was named, an unknown fact or word is said to be one that a page may declare."""
    try:
        return load_case(path, engine.vocabulary)
    except InputFaults as found:
        if policies:
            raise
        told = [
            replace(item, note=_DECLARED) if item.code in _OF_A_PAGE and not _near(item) else item
            for item in found.diagnostics
        ]
        raise InputFaults(told, found.sources) from None


def _near(item: Diagnostic) -> bool:
    """Whether a word much like the unknown one was proposed: then it is misspelt, and of no page."""
    return item.help is not None and item.help.en.startswith("did you mean")


_OF_A_PAGE = ("case/unknown-key", "case/unknown-word")
_DECLARED = Text(
    "页面可以声明自己的事实和词；由某页声明的，加 `--policy 页面.md`",
    "a page may declare facts and words of its own; where one does, add `--policy PAGE.md`",
)


def make_engine(policies: list[str] | None, engine: str, lang: Lang) -> tuple[Engine, EngineName]:
    """The engine asked for. Says on the error stream, once, if the rule engine cannot be had here."""
    if engine not in ENGINES:
        raise typer.BadParameter(" | ".join(ENGINES), param_hint="--engine")
    made = Engine(policies)
    reason = made.forward.unavailable if engine == "forward" else None
    if reason is not None:
        text = Text(
            f"提示：此处无法使用 durable-rules（{reason}），改由 exact 求值，结果相同",
            f"note: durable-rules cannot be used here ({reason}); exact decides instead, with the same result",
        )
        console(stderr=True).print(text.of(lang), style="yellow", markup=False, soft_wrap=True)
    return made, cast("EngineName", engine if reason is None else "exact")

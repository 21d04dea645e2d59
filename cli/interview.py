"""`conggao interview`: one question after the other, only those that can still change the answer; writes the case file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conggao.cli.options import AsOf, Force, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.talk import NO, Ended, Talk
from conggao.cli.views import decision_view
from conggao.cli.writing import check_new, save_case
from conggao.engine import Engine
from conggao.engine.analysis.interview import Interview
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.loading import load_case
from conggao.facts.models import Case

CaseOption = Annotated[
    Path | None,
    typer.Argument(
        metavar="[CASE]", help="接着填的案例文件；不写则从头问起。 A case to go on with; none to begin anew."
    ),
]
Save = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="案例写到的文件。 The file that the case is written to.")
]
_INTRO = Text(
    "只问还能改变结果的事实。不知道就答“不知道”，“返回”回到上一题，“结束”到此为止，“帮助”看说明。",
    "Only what can still change the outcome is asked. “unknown” if it is not known, “back” for the question before, “stop” to end "
    "here, “help” for help.",
)
_SAVE_TO = Text("保存到（回车为 {}，“否”不保存）", "Save to (Enter: {}; “no” does not save)")
_EXISTS = Text("{} 已存在，写“是”覆盖，或换一个文件名", "{} exists: “yes” writes over it, or give another name")
_SAVED = Text("案例已写到 {}", "the case was written to {}")
_NOT_SAVED = Text("没有保存", "not saved")


def interview(
    case: CaseOption = None,
    save: Save = None,
    force: Force = False,
    as_of: AsOf = None,
    policy: Policies = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """一问一答，只问还能改变结果的事实，写出案例文件。 Ask only what can still change the answer; write the case file."""
    spoken = language(lang)
    engine = Engine(policy)
    stated = load_case(case, engine.vocabulary) if case is not None else Case()
    talk = Talk(console(stderr=json), spoken)
    if save is not None:
        _check(save, case)
        check_new(save, "--save", force=force)
    try:
        day = as_of or (None if stated.as_of is not None else talk.day())
    except Ended:
        talk.say(_NOT_SAVED.of(spoken), "yellow")
        raise typer.Exit(1) from None
    session = Interview(engine, stated, day)
    talk.say(_INTRO.of(spoken), "dim")
    talk.run(session)
    decision = session.decide(json_language(lang) if json else spoken)
    if json:
        print_json(decision.to_json())
    else:
        talk.out.print(decision_view(decision, engine, width=talk.out.width))
    _save(talk, session, save, case)


def _check(save: Path, case: Path | None) -> None:
    """Whether the case can be written there, before anything is asked."""
    message: Text | None = None
    if case is not None and save.exists() and save.samefile(case):
        message = Text("不覆盖读入的案例文件", "this would overwrite the case that was read")
    elif save.is_dir() or not save.parent.is_dir():
        message = Text("不能写到这里", "nothing can be written there")
    if message is not None:
        raise InputFaults([Diagnostic("interview/save", message, path=str(save))])


def _save(talk: Talk, session: Interview, save: Path | None, source: Path | None) -> None:
    name = save
    offered = Path("case.yaml") if source is None else source.with_name(f"{source.stem}-2{source.suffix}")
    sure: Path | None = save
    while True:
        try:
            if name is None and talk.closed:
                raise Ended
            if name is None:
                told = talk.ask(_SAVE_TO.of(talk.lang).format(offered))
                if told.casefold() in NO:
                    raise Ended
                name = sure if told.casefold() in ("yes", "y", "是") and sure is not None else Path(told or offered)
            if name.exists() and name != sure:
                talk.say(_EXISTS.of(talk.lang).format(name), "yellow")
                sure, name = name, None
                continue
            save_case(session.case, name, source)
        except InputFaults as faults:
            if save is not None:
                raise
            talk.faults(faults)
            name = None
        except Ended:
            talk.say(_NOT_SAVED.of(talk.lang), "yellow")
            return
        else:
            talk.say(_SAVED.of(talk.lang).format(name), "green")
            return

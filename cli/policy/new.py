"""`conggao policy new`: a page for a notice, from its particulars and, where it is at hand, its text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conggao.cli.options import LangOption, language
from conggao.cli.output import console
from conggao.cli.policy.asking import Asker, Question
from conggao.cli.policy.common import app
from conggao.engine import Engine, InputFaults
from conggao.engine.authoring.drafting import Particulars, drafted
from conggao.engine.authoring.gaps import gaps
from conggao.engine.authoring.notice import Notice, read_notice
from conggao.engine.authoring.particulars import (
    AGAINST,
    CONFLICTS,
    LEVELS,
    beginning,
    identifier,
    levels,
    listed,
    one_of,
    optional_day,
    said,
)
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import LARGEST
from conggao.facts.diagnostics import Diagnostic, Label, Lang, Span, Text
from conggao.facts.documents import decode, read_bytes


def _option(name: str, metavar: str, zh: str, en: str) -> typer.models.OptionInfo:
    return typer.Option(name, metavar=metavar, help=f"{zh}。 {en}.")  # type: ignore[no-any-return]


@app.command()
def new(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="写到哪里，缺省为 ID.md。 Where to write it; ID.md by default."),
    ] = None,
    source: Annotated[
        Path | None,
        _option("--from", "TEXT", "通知的文本，逐条列出", "The text of the notice, listed clause by clause"),
    ] = None,
    id_: Annotated[str | None, _option("--id", "ID", "政策编号", "The id of the policy")] = None,
    title: Annotated[str | None, _option("--title", "中文", "标题", "The title in Chinese")] = None,
    title_en: Annotated[str | None, _option("--title-en", "TEXT", "英文标题", "The title in English")] = None,
    number: Annotated[str | None, _option("--number", "TEXT", "文号", "The number of the notice")] = None,
    issuer: Annotated[str | None, _option("--issuer", "TEXT", "发文机关", "Who issued it")] = None,
    level: Annotated[str | None, _option("--level", "LEVEL", "national、region 或 city", "Its level")] = None,
    places: Annotated[str | None, _option("--places", "甲,乙", "适用的县区和园区", "Where it applies")] = None,
    begins: Annotated[
        str | None,
        _option(
            "--begins", "[unseen] DATE", "施行日；未见的写“未见 日期”", 'The day it begins; "unseen DATE" assumes one'
        ),
    ] = None,
    ends: Annotated[str | None, _option("--ends", "DATE", "截止日", "Its last day")] = None,
    conflict: Annotated[
        str | None, _option("--conflict", "MODE", "top_up、exclude 或 unseen", "Its clause on other support")
    ] = None,
    against: Annotated[
        str | None, _option("--against", "LEVELS", "与哪些层级从高", "The levels that it competes with")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="没有给出的取缺省值，不再询问。 Take defaults, ask nothing.")
    ] = False,
    lang: LangOption = None,
) -> None:
    """写一页新的规则书，可从通知文本列出各条。 Write a new page; from the text of a notice, with its clauses laid out."""
    spoken = language(lang)
    if file is not None and file.exists():
        raise _exists(file)
    notice = None if source is None else read_notice(decode(read_bytes(source), str(source)))
    given = {
        "id": id_, "title": title, "title_en": title_en, "number": number, "issuer": issuer, "level": level,
        "places": places, "begins": begins, "ends": ends, "conflict": conflict, "against": against,
    }  # fmt: skip
    particulars = _ask(Asker(given, spoken, ask=not yes), notice, file)
    target = file or Path(f"{particulars.id}.md")
    _write(target, drafted(particulars, notice))
    _tell(target, notice, spoken)


def _ask(asker: Asker, notice: Notice | None, file: Path | None) -> Particulars:
    """The particulars, given or asked for; what the text of the notice says is the default. Raises InputFaults."""
    seen = notice or read_notice("")
    stem = "" if file is None else file.stem
    known = list(shipped())
    id_ = asker.ask(
        Question(
            "id", Text("政策编号，例如 city-2026-1", "id of the policy, such as city-2026-1"), identifier(known), stem
        )
    )
    title = asker.ask(Question("title", Text("标题（中文）", "title in Chinese"), said, seen.title))
    title_en = asker.ask(Question("title_en", Text("标题（英文）", "title in English"), said, title or ""))
    number = asker.ask(Question("number", Text("文号，未见则留空", "number; empty if not seen"), str, seen.number))
    issuer = asker.ask(Question("issuer", Text("发文机关，未见则留空", "issuer; empty if not seen"), str))
    level = asker.ask(
        Question("level", Text("层级：国家、自治区、市", "level: national, region, city"), one_of(LEVELS), "city")
    )
    places = asker.ask(
        Question(
            "places",
            Text("适用的县区和园区，用、隔开，不限则留空", "places, separated by commas; empty if anywhere"),
            listed,
        )
    )
    asked = Text(
        "施行日；未见的写“未见”加上假定的一天，如 未见 2024-06-01",
        "first day in force; if not seen, the day to assume, as in: unseen 2024-06-01",
    )
    beginning_ = asker.ask(Question("begins", asked, beginning, seen.begins))
    begins = None if beginning_ is None else beginning_[0]
    ends = asker.ask(
        Question("ends", Text("截止日，未见则留空", "last day; empty if not seen"), optional_day(begins), seen.ends)
    )
    if seen.conflict:
        asker.tell(Text(f"原文：{seen.conflict}", f"the text says: {seen.conflict}"))
    conflict = asker.ask(
        Question(
            "conflict",
            Text(
                "冲突条款：top_up 从高补差，exclude 已领即不给，unseen 未见",
                "clause on other support: top_up, exclude (nothing if supported before), unseen",
            ),
            one_of(CONFLICTS),
            "unseen",
        )
    )
    rivals = AGAINST
    if conflict not in (None, "unseen"):
        question = Text("与哪些层级的政策从高", "levels of the policies it competes with")
        rivals = asker.ask(Question("against", question, levels, "national、region、city")) or AGAINST
    asker.finish()
    # Each of these has a reader that gives a value or a fault.
    assert id_ is not None
    assert title is not None
    assert title_en is not None
    assert level is not None
    assert beginning_ is not None
    assert conflict is not None
    return Particulars(
        id=id_, title=title, title_en=title_en, number=number or "", issuer=issuer or "", level=level, places=places or (),
        begins=beginning_[0], begins_seen=beginning_[1], ends=ends, conflict=conflict, against=rivals,
    )  # fmt: skip


def _write(path: Path, text: str) -> None:
    """Writes a page that is not there yet. Raises InputFaults."""
    if len(text.encode()) > LARGEST:
        message = Text("通知的文本太长，不像一份通知", "the text is too long to be a notice")
        raise InputFaults([Diagnostic("page/too-large", message, path="--from")])
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            try:
                file.write(text)
            except OSError:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        message = Text(f"无法写入（{error.strerror}）", f"it cannot be written ({error.strerror})")
        raise InputFaults([Diagnostic("page/unwritable", message, (Label(Span(str(path), None)),))]) from None


def _exists(path: Path) -> InputFaults:
    message = Text("已有这个文件，不覆盖", "there is such a file, and it is not overwritten")
    hint = Text("换一个文件名", "give another name")
    return InputFaults([Diagnostic("page/exists", message, (Label(Span(str(path), None)),), help=hint)])


def _tell(path: Path, notice: Notice | None, lang: Lang) -> None:
    policy = Engine([path]).rulebooks.policies[0]
    count = len(gaps(policy))
    clauses = 0 if notice is None else len(notice.clauses)
    figures = 0 if notice is None else sum(len(clause.found) for clause in notice.clauses)
    out = console()
    out.print(
        Text(f"已写 {path}：{count} 处待填", f"{path} is written: {count} gaps to fill in").of(lang), style="green"
    )
    if notice is not None:
        found = Text(f"文本有 {clauses} 条，{figures} 个数字", f"the text has {clauses} clauses and {figures} figures")
        out.print(found.of(lang))
    next_ = Text(f"接着：conggao policy check {path}", f"next: conggao policy check {path}")
    out.print(next_.of(lang), style="dim")

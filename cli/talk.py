"""The questions of an interview in a terminal or a pipe: one line asked, one line read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Line

from conggao.cli.tui.sheet import Row, groups, parsed, units_of
from conggao.engine.analysis.interview import SUBJECTS, Interview, Question
from conggao.engine.labels import amount, short, subject_name
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text, render

MOST_REASONS = 3
_BACK = ("back", "b", "返回", "上一题")
_STOP = ("stop", "quit", "q", "结束", "退出")
_HELP = ("help", "h", "帮助")
NO = ("no", "n", "false", "否", "没有", "无", "0")
_UNKNOWN = ("unknown", "不知道", "不清楚", "未知", "不明", "?", "？", "don't know")

_TITLES = Text(
    "是否获得称号「{}」？写认定年份，或 否", "Does it hold the title “{}”? The year it was recognised, or no"
)
_SUBJECT = {
    "project": Text(
        "还有项目要计入吗？写项目编号（如 {}），或 否", "Is there a project to add? Its id (such as {}), or no"
    ),
    "service": Text(
        "还购买了生产性服务吗？写服务提供方的名称，或 否", "Was a service bought? The name of its provider, or no"
    ),
    "park": Text("是否也为园区申请？写园区编号，或 否", "Is this also for a park? Its id, or no"),
}
_KIND = Text("服务类别", "kind of service")
_BECAUSE = Text("为什么问：", "Why: ")
_UP_TO = Text("最高 {} 元", "up to CNY {}")
_AND_MORE = Text(" 等 {} 项", " and others, {} in all")
_HELP_TEXT = Text(
    "数量可带单位：1200 万元、3.15 亿元、26000 吨；是非答 是 或 否；几个词用顿号隔开。不知道、返回、结束 随时可用。",
    "Quantities may carry units: 1200 万元, 12 million CNY, 26000 t; answer yes or no; separate several words by commas. unknown, back "
    "and stop can be said at any time.",
)
_SURE = Text("目前：{} 元", "so far: CNY {}")
_DONE = Text("其余事实已不能改变结果。", "Nothing else can change the outcome.")
_STOPPED = Text("到此为止。", "Ended here.")
_FIRST = Text("这是第一题。", "This is the first question.")
_AS_ZERO = Text("案例里不写，按{}计。", "Left out of the case, which counts as {}.")
_ABSENT = {"zero": Text("零", "zero"), "false": Text("没有", "not held"), "empty": Text("没有", "none")}
_DAY = Text("决定日期（回车为 {}）", "Day of the decision (Enter: {})")


class Ended(Exception):  # noqa: N818 - no error: there is nothing more to read
    """The answers have come to an end."""


class Talk:
    """Asks and reads, line by line, in a terminal or a pipe."""

    def __init__(self, out: Console, lang: Lang) -> None:
        self.out = out
        self.lang: Lang = lang
        self.closed = False
        """Whether the input has come to its end, so that nothing more can be asked."""

    def say(self, text: str, style: str = "") -> None:
        self.out.print(Line(text, style=style))

    def faults(self, faults: InputFaults) -> None:
        """What is wrong with an answer, the first fault only: it was one answer."""
        first = faults.diagnostics[0]
        shown = Diagnostic(first.code, first.message, help=first.help, note=first.note)
        self.say(render(shown, self.lang), "red")

    def ask(self, text: str) -> str:
        """One line. Raises Ended where there is none."""
        if text:
            self.say(text)
        try:
            self.out.print("> ", end="")
            line = sys.stdin.readline()
        except (KeyboardInterrupt, UnicodeDecodeError) as stopped:
            self.closed = not isinstance(stopped, KeyboardInterrupt)
            self.say("")
            raise Ended from None
        if not line:
            self.closed = True
            self.say("")
            raise Ended
        return line.strip()

    def day(self) -> date:
        """The day of the decision, today unless another is given."""
        while True:
            today = date.today()
            told = self.ask(_DAY.of(self.lang).format(today))
            try:
                return date.fromisoformat(told) if told else today
            except ValueError:
                self.say(Text("日期写作 2025-03-01", "write a date as 2025-03-01").of(self.lang), "red")

    def run(self, session: Interview) -> bool:
        """All questions; False where the answers came to an end, or were interrupted: what was answered is then kept all the same."""
        try:
            return self._run(session)
        except (Ended, KeyboardInterrupt):
            return False

    def _run(self, session: Interview) -> bool:
        while (question := session.question()) is not None:
            row = self._row(session, question)
            self._put(session, question, row)
            told = self.ask(self._hint(session, question, row))
            word = told.casefold()
            if word in _STOP:
                self.say(_STOPPED.of(self.lang), "dim")
                return True
            if word in _HELP:
                self.say(_HELP_TEXT.of(self.lang), "dim")
            elif word in _BACK:
                if session.back() is None:
                    self.say(_FIRST.of(self.lang), "yellow")
            elif not told or word in _UNKNOWN:
                session.unknown(question)
                absent = "false" if question.kind == "title" else row.absent if row is not None else "unknown"
                if absent in _ABSENT:
                    self.say(_AS_ZERO.of(self.lang).format(_ABSENT[absent].of(self.lang)), "dim")
            else:
                try:
                    session.answer(question, self._value(session, question, row, told))
                except InputFaults as faults:
                    self.faults(faults)
        self.say(_DONE.of(self.lang), "dim")
        return True

    # -- one question -----------------------------------------------------------------------------------------------------

    def _row(self, session: Interview, question: Question) -> Row | None:
        """The fact as the facts of a case are listed: label, kind, unit, words."""
        books = session.engine.edition(session.day).rulebooks
        listed = groups(session.document, session.engine.vocabulary, session.day, books.parameters)
        return next((row for group in listed for row in group.rows if row.key == question.key), None)

    def _put(self, session: Interview, question: Question, row: Row | None) -> None:
        """The question, and why it is asked."""
        total = session.decide(self.lang).totals["enterprise"]
        line = Line(f"\n{session.asked + 1}. ", style="bold")
        line.append(self._text(session, question, row), style="bold")
        line.append(f"   {_SURE.of(self.lang).format(amount(total, self.lang))}", style="dim")
        self.out.print(line)
        told = [self._reason(item.measure, item.title, item.most) for item in question.because[:MOST_REASONS]]
        more = len(question.because) - len(told)
        reasons = ("；" if self.lang == "zh" else "; ").join(dict.fromkeys(told))
        rest = _AND_MORE.of(self.lang).format(len(question.because)) if more > 0 else ""
        self.out.print(Padding(Line(f"{_BECAUSE.of(self.lang)}{reasons}{rest}", style="dim"), (0, 0, 0, 3)))

    def _text(self, session: Interview, question: Question, row: Row | None) -> str:
        if question.kind == "title":
            labels = session.engine.vocabulary.words("titles")
            return _TITLES.of(self.lang).format(labels[str(question.path.entry if question.path else "")].of(self.lang))
        if question.kind in SUBJECTS:
            return (
                _SUBJECT[question.kind]
                .of(self.lang)
                .format("" if question.kind == "park" else session.free_id(question.kind))
            )
        label = row.label.of(self.lang).strip() if row is not None else question.key
        return f"{self._owner(session, question)}{label}"

    def _owner(self, session: Interview, question: Question) -> str:
        """Whose fact it is: a year, a project, a title."""
        if question.path is None:
            return ""
        owner, entry = question.path.owner, str(question.path.entry)
        match owner:
            case "report":
                return Text(f"{entry} 年", f"{entry} ").of(self.lang)
            case "park_report":
                return Text(f"园区 {entry} 年", f"park {entry} ").of(self.lang)
            case "project" | "service":
                return f"{subject_name(f'{owner}:{entry}', self.lang)} "
            case "recognition":
                return f"{session.engine.vocabulary.words('titles')[entry].of(self.lang)} · "
            case "received" | "parameter":
                return f"{question.key} "
        return ""

    def _reason(self, measure: str, title: Text, most: Any) -> str:
        said = f"{short(measure)} {title.of(self.lang)}"
        if most is None:
            return said
        up_to = _UP_TO.of(self.lang).format(f"{most:,.0f}" if most == int(most) else f"{most:,}")
        return f"{said}（{up_to}）" if self.lang == "zh" else f"{said} ({up_to})"

    def _hint(self, session: Interview, question: Question, row: Row | None) -> str:
        """How it may be answered."""
        if question.key == "enterprise.county":
            places = [place for policy in session.engine.rulebooks.policies for place in policy.places]
            return "   " + "、".join(dict.fromkeys(places))
        if row is None or question.kind != "fact":
            return Text("   否 / 不知道", "   no / unknown").of(self.lang)
        told = units_of(row, self.lang)
        if row.kind == "flag":
            told += Text(" / 不知道", " / unknown").of(self.lang)
        return f"   {told}".rstrip()

    def _value(self, session: Interview, question: Question, row: Row | None, told: str) -> Any:
        """The answer as a case file has it. Raises InputFaults, Ended."""
        no = told.casefold() in NO
        if question.kind == "title":
            return False if no else {"是": True, "yes": True, "y": True}.get(told.casefold(), _year(told))
        if question.kind in SUBJECTS:
            return False if no else self._entry(session, question, told)
        if row is None:
            return told
        if row.kind == "words" and no:
            return []
        return parsed(row, told)

    def _entry(self, session: Interview, question: Question, told: str) -> Mapping[str, Any]:
        """The project, service or park that the answer names."""
        if told.casefold() in ("是", "yes", "y", "有"):
            told = session.free_id(question.kind) if question.kind != "park" else "1"
        if question.kind != "service":
            return {"id": told}
        words = session.engine.vocabulary.words("kinds")
        choices = ("、" if self.lang == "zh" else ", ").join(label.of(self.lang) for label in words.values())
        kind = self.ask(f"   {_KIND.of(self.lang)}：{choices}")
        return {"id": session.free_id("service"), "provider": told, "kind": kind}


def _year(told: str) -> str:
    """A year as text; anything else is refused with what would be right."""
    if told.isdecimal():
        return told
    message = Text(f"`{told}` 既不是年份，也不是“是”“否”", f"`{told}` is neither a year nor yes or no")
    raise InputFaults([Diagnostic("interview/title", message)])

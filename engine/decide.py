"""The Engine: a case in, a Decision out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from conggao.engine.decision import Decision, Firing, PolicyRef, Range
from conggao.engine.edition import Edition
from conggao.engine.evaluate.forward import Forward
from conggao.engine.evaluate.program import Program
from conggao.engine.filing import planned
from conggao.engine.notes import notes
from conggao.engine.outcomes import Evaluated
from conggao.engine.resolve import Resolution
from conggao.engine.rulebook.library import load, load_pages, shelf
from conggao.engine.rulebook.model import Rulebooks
from conggao.engine.rulebook.page import Page
from conggao.engine.sitting import EngineName, Sitting, decision_day, outside_of, sit
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.documents import decode, read_json
from conggao.facts.loading import read_case, read_document
from conggao.facts.models import Case
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    from conggao.engine.table import TableDecision

CaseLike = Case | Mapping[str, Any] | str | bytes
"""A case, a dict in the shape of a case file, or the JSON text of one."""


class Engine:
    """Decides cases under a choice of rulebooks.

    `policies` names rulebooks by id or by the path of a page; None loads all that are shipped. A page given by path replaces the
    shipped policy of its id. An engine is immutable once made and may be used by many threads. Raises InputFaults where a rulebook
    has faults, all of them at once.
    """

    def __init__(self, policies: Iterable[str | Path] | None = None) -> None:
        self._set_up(*load(policies))

    @classmethod
    def of(cls, pages: Sequence[Page], beside: Sequence[Page] | None = None) -> Engine:
        """An engine of pages already read, such as ones that are being edited. `beside`: the pages whose declarations count though
        they are not loaded; by default those that are shipped. Raises InputFaults."""
        made = cls.__new__(cls)
        made._set_up(*load_pages(pages, beside))
        if beside is not None:
            made._beside = tuple(beside)
        return made

    @property
    def beside(self) -> tuple[Page, ...]:
        """The pages that are not loaded, and whose facts, lines and notions are known all the same."""
        if self._beside is not None:
            return self._beside
        return tuple(shelf({policy.id for policy in self.rulebooks.policies}).values())

    def __reduce__(self) -> tuple[Callable[..., Engine], tuple[list[Page], tuple[Page, ...] | None]]:
        # What is compiled cannot travel to another process; the pages can, and say the same there.
        return type(self).of, ([policy.page for policy in self.rulebooks.policies], self._beside)

    def _set_up(self, rulebooks: Rulebooks, vocabulary: Vocabulary) -> None:
        self._beside: tuple[Page, ...] | None = None
        self.rulebooks, self.vocabulary = rulebooks, vocabulary
        self._first = Edition(self.rulebooks, self.vocabulary)
        self._later = [(day, Edition(books, self.vocabulary)) for day, books in self.rulebooks.editions]
        self._refs = tuple(PolicyRef.of({"id": p.id, "sha256": p.page.sha256}) for p in self.rulebooks.policies)

    @property
    def program(self) -> Program:
        """The compiled rulebooks as their pages stand, before any amendment."""
        return self._first.program

    @property
    def forward(self) -> Forward:
        return self._first.forward

    def edition(self, day: date) -> Edition:
        """What applies on `day`, with the amendments in force."""
        found = self._first
        for begins, edition in self._later:
            if begins > day:
                break
            found = edition
        return found

    def read(self, case: CaseLike) -> Case:
        """`case` as a checked Case: a dict or JSON text, with quantities that may be text with units. Raises InputFaults."""
        if isinstance(case, Case):
            return case
        if isinstance(case, str) and case.strip().lower().endswith((".yaml", ".yml", ".json", ".jsonl")):
            message = Text(f"`{case}` 是文件名，不是案例", f"`{case}` is the name of a file, not a case")
            hint = Text("先用 `load_case(文件)` 读入", "read it with `load_case(PATH)` first")
            raise InputFaults([Diagnostic("call/argument", message, path="case", help=hint)])
        if isinstance(case, str | bytes):
            return read_document(read_json(decode(case, None) if isinstance(case, bytes) else case), self.vocabulary)
        return read_case(case, self.vocabulary)

    def decide(
        self,
        case: CaseLike,
        as_of: date | str | None = None,
        engine: EngineName = "forward",
        lang: Lang = "zh",
    ) -> Decision:
        """What the enterprise of `case` may claim on the day `as_of`, and why.

        `as_of` given here wins over the case's own; one of them is required. `engine` chooses the evaluator: `forward` (durable-rules;
        where it cannot be had, `exact` decides) or `exact`. Texts are in `lang`. Raises InputFaults.
        """
        _known("lang", lang, get_args(Lang))
        return self.told(self.sit(case, as_of, engine), lang)

    def told(self, sitting: Sitting, lang: Lang = "zh") -> Decision:
        """What `sit` found, as a decision in words."""
        stated, day = sitting.case, sitting.day
        evaluated = Evaluated(sitting, lang)
        outcomes = evaluated.outcomes()
        values = {
            "as_of": day,
            "policies": self._refs,
            "outcomes": outcomes,
            "totals": {name: Range.fen(*ends) for name, ends in sitting.resolution.by_recipient().items()},
            "fired": None
            if sitting.fired is None
            else tuple(Firing.of({"rule": rule, "subject": who}) for rule, who in sitting.fired),
            "notes": tuple(text.of(lang) for text in notes(sitting)),
            "case": stated if stated.as_of == day else stated.model_copy(update={"as_of": day}),
            "lang": lang,
        }
        return Decision.of(values, (planned, outcomes, sitting.records, sitting.resolution, evaluated.explainer))

    def awards(self, case: CaseLike, as_of: date | str | None = None, engine: EngineName = "exact") -> Resolution:
        """The money alone, in whole fen: the awards of all eligible claims by (measure, subject), and the totals by recipient.

        What `decide` pays, without the outcomes that pay nothing and without reasons: for loops over many cases. Raises InputFaults.
        """
        stated = self.read(case)
        _known("engine", engine, get_args(EngineName))
        if engine == "exact" and not stated.received and not stated.assessed:
            day = decision_day(as_of, stated)
            edition = self.edition(day)
            outside = {policy.id for policy, _ in edition.program.policies if outside_of(policy, stated, day)}
            paid = edition.payer.pay(stated, day, outside)
            if paid is not None:
                return paid
        return self.sit(stated, as_of, engine).resolution

    def decide_table(self, tables: Mapping[str, Any], as_of: date | str | None = None, **options: Any) -> TableDecision:
        """What the enterprises of `tables` may claim, as tables: see `conggao.engine.table.decide_table`. Raises InputFaults."""
        from conggao.engine.table import decide_table

        return decide_table(self, tables, as_of, **options)

    def sit(self, case: CaseLike, as_of: date | str | None = None, engine: EngineName = "forward") -> Sitting:
        """What a decision rests on, before it is put into words: `decide` without the words. Raises InputFaults."""
        _known("engine", engine, get_args(EngineName))
        stated = self.read(case)
        day = decision_day(as_of, stated)
        return sit(stated, day, self.edition(day), engine)


def _known(name: str, value: object, known: Sequence[str]) -> None:
    """Raises InputFaults where an argument of a call is none of its few words."""
    if value not in known:
        message = Text(f"`{name}` 不能是 `{value}`", f"`{name}` cannot be `{value}`")
        hint = Text("可用：" + "、".join(known), "one of: " + ", ".join(known))
        raise InputFaults([Diagnostic("call/argument", message, path=name, help=hint)])

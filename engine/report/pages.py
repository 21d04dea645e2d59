"""Pages and fragments made with the templates of this package: everything escaped, nothing fetched, the same bytes every time."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conggao.engine import labels
from conggao.engine.authoring.reading import Reading
from conggao.engine.decide import Engine
from conggao.engine.decision import Decision
from conggao.engine.report.changes import rows
from conggao.engine.report.content import content_of
from conggao.engine.report.words import words
from conggao.engine.rulebook.model import Policy
from conggao.engine.whatif import Comparison
from conggao.facts.diagnostics import Lang, Text, visible


def report_html(decision: Decision, engine: Engine | None = None) -> str:
    """One self-contained HTML page about `decision`, in its language: to be printed, or opened without a network.

    With the `engine` that decided, the page also has titles and numbers of the policies, the clauses in words, the names of missing
    facts, and what an answer to them would bring. A rulebook of the engine whose hash is another than the decision's is not used.
    """
    return render_page("report.html.j2", decision.lang, content=content_of(decision, engine))


def decision_html(decision: Decision) -> str:
    """A fragment about `decision` for a notebook: no style outside its own element."""
    return render_page("decision.html.j2", decision.lang, content=content_of(decision))


def comparison_html(comparison: Comparison) -> str:
    """A fragment about `comparison` for a notebook: what changed, with the reason; totals by recipient and by payer."""
    return render_page("comparison.html.j2", comparison.after.lang, comparison=comparison, rows=rows(comparison))


def rulebook_html(reading: Reading, policy: Policy, lang: Lang) -> str:
    """One self-contained HTML page about a rulebook: its particulars, and clause by clause the rules in words with their cases."""
    return render_page("rulebook.html.j2", lang, reading=reading, policy=policy)


def render_page(template: str, lang: Lang, **values: Any) -> str:
    """A template of this package, filled in: everything escaped but what is marked as safe."""
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            t=words(lang),
            colon=Text("：", ": ").of(lang),
            semicolon=Text("；", "; ").of(lang),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("conggao.engine.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    made.filters.update(
        money=labels.money,
        amount=labels.amount,
        signed=labels.signed,
        yuan=labels.yuan,
        subject=labels.subject_name,
        short=labels.short,
        level=lambda name, lang: labels.LEVEL[name].of(lang) if name else "",
        recipient=lambda name, lang: labels.RECIPIENTS[name].of(lang) if name else "",
        payer=lambda name, lang: labels.PAYERS[name].of(lang) if name in labels.PAYERS else name,
        status=lambda name, lang: labels.STATUS[name].of(lang),
    )
    return made


def _finalize(value: Any) -> Any:
    """Text of a case or a rulebook with control and direction characters made visible, before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

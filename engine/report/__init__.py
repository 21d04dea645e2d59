"""Decisions, comparisons and rulebooks as HTML: pages to print and to send, fragments for notebooks. Needs the extra `report`."""

from conggao.engine.report.pages import comparison_html, decision_html, report_html, rulebook_html

__all__ = ["comparison_html", "decision_html", "report_html", "rulebook_html"]

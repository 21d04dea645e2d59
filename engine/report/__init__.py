"""Decisions and comparisons as HTML: a page to print and to send, and fragments for notebooks. Needs the extra `report`."""

from conggao.engine.report.pages import comparison_html, decision_html, report_html

__all__ = ["comparison_html", "decision_html", "report_html"]

"""A rulebook as a spreadsheet: every figure, date and text of a page in a workbook, and back into the page."""

from conggao.engine.authoring.sheet.entries import Entry, entries
from conggao.engine.authoring.sheet.importing import Imported, imported, raw_of
from conggao.engine.authoring.sheet.workbook import export

__all__ = ["Entry", "Imported", "entries", "export", "imported", "raw_of"]

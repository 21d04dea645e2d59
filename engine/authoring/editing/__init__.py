"""What an editor asks of a page that is being written: names to go on with, what a name means, where it comes from, a new name for it."""

from conggao.engine.authoring.editing.completing import Suggestion, complete, without_line
from conggao.engine.authoring.editing.names import Known, Name, known
from conggao.engine.authoring.editing.pointing import Target, about, definition
from conggao.engine.authoring.editing.renaming import renameable, renamed
from conggao.engine.authoring.editing.spot import Spot, spot_at

__all__ = [
    "Known",
    "Name",
    "Spot",
    "Suggestion",
    "Target",
    "about",
    "complete",
    "definition",
    "known",
    "renameable",
    "renamed",
    "spot_at",
    "without_line",
]

"""What two versions of a rulebook mean differently: change by change, each with an enterprise that they decide differently."""

from conggao.engine.authoring.diff.compare import diff
from conggao.engine.authoring.diff.model import Change, Comparison, Facet, Seen

__all__ = ["Change", "Comparison", "Facet", "Seen", "diff"]

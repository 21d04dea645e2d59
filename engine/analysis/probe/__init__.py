"""One case asked again and again with some facts changed."""

from conggao.engine.analysis.probe.case import Probe

__all__ = ["Probe"]

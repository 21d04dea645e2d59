"""The resolver: claims in, the best lawful plan out. It knows neither rules nor files, and works in whole fen."""

from conggao.engine.resolve.model import Award, Cap, Claim, Resolution
from conggao.engine.resolve.resolver import resolve

__all__ = ["Award", "Cap", "Claim", "Resolution", "resolve"]

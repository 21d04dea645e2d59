"""Money as a function of one fact, or of two, with every value at which something turns."""

from conggao.engine.analysis.sweep.run import Event, Point, Sweep, Turn, sweep

__all__ = ["Event", "Point", "Sweep", "Turn", "sweep"]

"""A synthetic province: made-up enterprises to try a batch or a reform on, always said to be so."""

from conggao.facts.population.writing import FORMATS, write_population

__all__ = ["FORMATS", "write_population"]

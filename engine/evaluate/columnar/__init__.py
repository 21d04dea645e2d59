"""The columnar evaluator: rulebooks compiled to Ibis expressions over tables, for very many enterprises at once."""

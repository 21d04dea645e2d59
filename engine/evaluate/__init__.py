"""Readings of the typed tree: exact closures (the reference) and durable-rules (forward chaining)."""

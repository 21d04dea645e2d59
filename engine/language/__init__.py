"""The language of conditions and amounts: text → syntax tree → names, types and units checked → typed tree.

Nothing here evaluates: `engine.evaluate` gives the typed tree its readings.
"""

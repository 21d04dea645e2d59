"""The same twelve rules (`yinchuan-12`) in several engines, for `bench/peers.py`.

A module of this package is one engine. It has one function, `make(form: str) -> Rival`, which imports the engine's library and builds its
rules; `form` picks one of several forms of use where there are several, and is "" where there is one. A module that is named in
`registry.ENTRIES` is measured; one whose library is not installed is reported as skipped.
"""

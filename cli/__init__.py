"""The front doors: one module a family of commands, each a thin shell over a function of the library."""

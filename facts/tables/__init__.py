"""Cases as tables: what the tables of a province hold, and the ways from files to tables, from cases to tables and back."""

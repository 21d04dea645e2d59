"""The shipped rulebooks: one Markdown page a policy. Data, not code."""

"""A rulebook is a Markdown page: the clause in plain words, under it the rule that says the same, under it worked cases.

page → blocks → checked policy; the figure check and the worked cases read the same page.
"""

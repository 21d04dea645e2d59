"""What can be said of rules without any facts: their typed trees as formulas of z3, and cases that show what is found.

Nothing found here is said before the exact engine has decided the case that shows it; a question that the solver leaves open is said
to be open.
"""

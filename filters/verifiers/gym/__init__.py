"""Checks of our own for reasoning-gym's tasks, where the installed scorer does not check what the question asks.

`checks.py` lists them by task; every other task keeps its scorer. A check says whether an answer is right, and needs
nothing but the entry: the scorers of some tasks read the settings of the dataset that they belong to, which a stored
entry does not hold.

No check evaluates text. Formulas of answers and entries are read by the grammar of `mathematics`, or as Python syntax
that is walked and never run.
"""

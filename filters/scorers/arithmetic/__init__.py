"""Finds the equations between numbers in a text, and decides them exactly.

A step passes through `spelling.py` (one spelling for LaTeX and Unicode), `tokens.py`, `operands.py` (what stands on
each side of a relation), `amounts.py` (an operand's exact value, and how exactly it is meant), `links.py` (whether the
relation holds) and `doubts.py` (whether a relation that does not hold was asserted at all).
"""

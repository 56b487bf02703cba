"""Checks answers against a formal statement of the problem, with z3."""

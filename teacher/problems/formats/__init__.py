"""Turns rows of a table into problems: one file for each form of row."""

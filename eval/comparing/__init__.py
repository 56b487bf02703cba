"""Puts the evaluations of several runs side by side."""

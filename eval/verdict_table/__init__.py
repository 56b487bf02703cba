"""Reads anybody's table of verdicts into columns for the metrics."""

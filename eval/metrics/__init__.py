"""Scores with intervals from judged traces."""

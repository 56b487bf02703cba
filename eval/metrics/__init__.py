"""Computes scores and their intervals from judged traces."""

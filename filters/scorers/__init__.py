"""Scorers of traces: outcome and process reward models, and the exact check of every equation."""

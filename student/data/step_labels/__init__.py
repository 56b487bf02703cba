"""Reads files whose steps are labelled, one form per file. `registry.py` lists them."""

"""Verifiers check an answer against its reference. `registry.py` lists them by name; the folders hold their
internals."""

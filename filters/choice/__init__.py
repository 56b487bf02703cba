"""Verifiers (they need the reference) and trace filters, one rule per file; judge.py runs them."""

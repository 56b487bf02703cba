"""Judges traces: verifiers compare answers with references, and rules check a trace without one, one rule per file.
`judge.py` runs them all."""

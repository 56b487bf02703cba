"""Rules check a single trace: one rule per file, always with a reason. `filters/chain.py` puts them in order."""

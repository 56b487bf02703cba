"""Rules over a single trace: one file, one rule, always with a reason. `filters/chain.py` puts them in order."""

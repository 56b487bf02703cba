"""Verifiers: checks of an answer against its reference. `registry.py` has them by name; inner works lie beside them."""

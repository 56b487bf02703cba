"""Selects which accepted traces become dataset rows: ranking, near-duplicates, pass-rate bands, caps and majorities."""

"""Which accepted traces become dataset rows: ranking, near-duplicates, bands, caps and majorities."""

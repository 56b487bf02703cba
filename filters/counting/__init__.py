"""Counts what was accepted and why the rest was not, for manifests and reports."""

"""Finds the programs in answers, runs them against unit tests and compares what they print."""

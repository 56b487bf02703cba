"""Scores of base and student on the benchmarks, and the page that shows them."""

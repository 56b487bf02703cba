"""Computes the scores of base and student on the benchmarks, and writes the report that shows them."""

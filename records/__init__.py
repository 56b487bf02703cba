"""What every stage shares: the rows, their Parquet form, and artifacts with an identity."""

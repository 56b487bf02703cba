"""Everything that stages share: row types, their Parquet files, artifacts and their identities."""

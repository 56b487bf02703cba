"""What a run declares: pydantic sections, YAML loading, and one YAML per teacher/student pair."""

"""The declaration of a run: pydantic sections, YAML loading, and one YAML file per teacher/student pair."""

"""The base class of every config section."""

from pydantic import BaseModel, ConfigDict

MOST_SECONDS = 1_000_000
"""Longest time limit in seconds, 11 days. The operating system's own waits overflow at 24 days."""
MOST_MIB = 1 << 24
"""Largest limit of memory in MiB, 16 TiB."""
MOST_PROCESSES = 1024
"""Most processes or workers that one setting asks for."""


class Section(BaseModel):
    """A frozen section. An unknown key is an error, because a typo must not silently leave a default in place."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)

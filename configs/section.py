"""The base class of every config section."""

from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator

MOST_SECONDS = 1_000_000
"""Longest time limit in seconds, 11 days. The operating system's own waits overflow at 24 days."""
MOST_MIB = 1 << 24
"""Largest limit of memory in MiB, 16 TiB."""
MOST_PROCESSES = 1024
"""Most processes or workers that one setting asks for."""


class Section(BaseModel):
    """A frozen section. An unknown key is an error, because a typo must not silently leave a default in place."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def yes_is_no_number(cls, given: Any) -> Any:
        """Refuse `yes`, `on`, `no` and `off` where a number stands: pydantic would make 1 and 0 of them."""
        for key, value in given.items() if isinstance(given, dict) else ():
            values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
            if any(isinstance(one, bool) for one in values) and key in numbers_of(cls):
                raise ValueError(f"{key}: must be a number; yes, on, true, no, off and false are none")
        return given


@cache
def numbers_of(section: type[Section]) -> set[str]:
    """Return the fields of a section that take numbers, but no truth value."""
    kinds = {name: kinds_in(field.annotation) for name, field in section.model_fields.items()}
    return {name for name, found in kinds.items() if {int, float} & found and bool not in found}


def kinds_in(annotation: Any) -> set[Any]:
    return {annotation}.union(*map(kinds_in, get_args(annotation)))

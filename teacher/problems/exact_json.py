"""Has `datasets` read JSON as it is written: where a column has values of several types it writes and reads all rows
once more, with a library that keeps ten decimals, and takes texts that look like JSON for what they look like."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WITH_JSON = (
    "datasets.utils.json",
    "datasets.features.features",
    "datasets.packaged_modules.json.json",
    "datasets.arrow_writer",
)
"""The modules of datasets (5.2) that hold these functions by name."""


@contextmanager
def exact_json() -> Iterator[None]:
    """Within the block JSON that datasets reads keeps its numbers and texts."""
    exact = {"ujson_dumps": json.dumps, "ujson_loads": json.loads, "json_encode_field": encoded}
    modules = [sys.modules[name] for name in WITH_JSON if name in sys.modules]
    before = [(module, name, getattr(module, name)) for module in modules for name in exact if hasattr(module, name)]
    for module, name, _ in before:
        setattr(module, name, exact[name])
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def encoded(example: Any, path: list[str | int]) -> Any:
    """Return a row whose field at the end of the path is JSON; a step of 0 stands for each part of a list."""
    if example is None:
        return None
    if not path:
        return json.dumps(example)
    step, *rest = path
    if step == 0:
        return [encoded(part, rest) for part in example]
    return {**example, step: encoded(example.get(step), rest)}

"""Bounds what a stranger's config.json makes before any weight is read."""

from collections.abc import Mapping
from typing import Any

from records.errors import InputError

LAYERS = ("num_hidden_layers", "num_layers", "n_layer")
MOST_LAYERS = 1_000
"""Layers of a model, whose modules are made one by one. The deepest published ones have about 130."""


def check_layers(place: object, config: Mapping[str, Any]) -> None:
    """Check the values of a config, nested ones included. Errors: InputError for more layers than a model has."""
    waiting: list[Mapping[str, Any]] = [config]
    while waiting:
        values = waiting.pop()
        waiting += [value for value in values.values() if isinstance(value, dict)]
        for name in LAYERS:
            layers = values.get(name)
            if isinstance(layers, int) and layers > MOST_LAYERS:
                raise InputError(
                    f"{place}: its config.json names more than {MOST_LAYERS:,} layers; choose another model"
                )

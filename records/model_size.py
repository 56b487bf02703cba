"""Bounds what a stranger's config.json makes before any weight is read."""

from collections.abc import Mapping
from typing import Any

from records.errors import InputError

LAYERS = ("num_hidden_layers", "num_layers", "n_layer")
MOST_LAYERS = 1_000
"""Layers of a model, whose modules are made one by one. The deepest published ones have about 130."""


MOST_LABELS = 100_000
"""Labels of a classification, for each of which transformers makes a name. Published ones have thousands at most."""


def check_size(place: object, config: Mapping[str, Any]) -> None:
    """Check the values of a config, nested ones included. Errors: InputError for more layers or labels than a model
    has."""
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
        labels = values.get("num_labels")
        if isinstance(labels, int | float) and not labels <= MOST_LABELS:
            raise InputError(f"{place}: its config.json names more than {MOST_LABELS:,} labels; choose another model")

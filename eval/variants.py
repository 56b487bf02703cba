"""Models and precisions that are measured, the order in which they are shown, and the pairs that are compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from records.rows import Variant

MODELS = ("base", "student")
PRECISIONS = ("full", "int8", "nf4")

BASE = Variant("base", "full")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pair to compare: `metric` is the accuracy of `variant` minus that of `yardstick` on the same problems."""

    metric: str
    variant: Variant
    yardstick: Variant


def rank(variant: Variant) -> tuple[int, int]:
    """Return the sort key of a variant in tables and charts. Errors: ValueError for an unknown model or precision."""
    return MODELS.index(variant.model), PRECISIONS.index(variant.precision)


def comparisons(measured: Iterable[Variant]) -> list[Comparison]:
    """Pair every student with the unquantized base, and every quantized model with itself in full precision."""
    variants = list(measured)
    students = [variant for variant in variants if variant.model == "student" and BASE in variants]
    quantized = [variant for variant in variants if variant.precision != "full"]
    pairs = [Comparison("gain_over_base", variant, BASE) for variant in students]
    pairs += [Comparison("change_from_full", variant, Variant(variant.model, "full")) for variant in quantized]
    return [pair for pair in pairs if pair.yardstick in variants]

"""The order in which models and precisions are shown, and the pairs that are compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from records.rows import Variant

PRECISIONS = ("full", "int8", "nf4", "nf4_plain", "fp4")

BASE = Variant("base", "full")
STUDENT = Variant("student", "full")
TEACHER = Variant("teacher", "full")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pair to compare: `metric` is the accuracy of `variant` minus that of `yardstick` on the same problems."""

    metric: str
    variant: Variant
    yardstick: Variant


def in_order(variants: Iterable[Variant]) -> list[Variant]:
    """Sort by model, in the order in which the models first appear, and by precision. Errors: ValueError for an unknown
    precision."""
    distinct = list(dict.fromkeys(variants))
    models = list(dict.fromkeys(variant.model for variant in distinct))
    return sorted(distinct, key=lambda variant: (models.index(variant.model), PRECISIONS.index(variant.precision)))


def comparisons(measured: Iterable[Variant]) -> list[Comparison]:
    """Pair every model but the teacher with the unquantized base, the student with the unquantized teacher, and every
    quantized model with itself in full."""
    variants = list(measured)
    trained = [variant for variant in variants if variant.model not in (BASE.model, TEACHER.model)]
    quantized = [variant for variant in variants if variant.precision != "full"]
    pairs = [Comparison("gain_over_base", variant, BASE) for variant in trained]
    pairs += [Comparison("gap_to_teacher", STUDENT, TEACHER)] if STUDENT in variants else []
    pairs += [Comparison("change_from_full", variant, Variant(variant.model, "full")) for variant in quantized]
    return [pair for pair in pairs if pair.yardstick in variants]

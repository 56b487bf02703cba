"""Says what quantizing a model costs, and which precision is the smallest that loses no more than tolerated."""

from collections.abc import Mapping, Sequence

from configs.tolerance import Tolerance
from eval.metrics.pooling import pooled
from eval.metrics.statistics import accuracy_of
from eval.paired import ALL, Measured, figure, pairs_of
from eval.tolerance import CANNOT_TELL, EXCEEDS, NOT_COMPUTED, WITHIN, Finding, find, loss
from eval.variants import BASE, comparisons
from records.comparisons import Comparisons, Cost, Figure, Paired, QuantizedModel
from records.quantization import BITS
from records.rows import Variant

FULL = "full"
NO_FULL = "no benchmark measured the unquantized model"


def compare_all(measured: Measured, costs: Sequence[Cost], tolerance: Tolerance) -> Comparisons:
    """Compare every student with the base, and every quantized model with itself in full precision, over all
    benchmarks. Errors: InputError if compared models were measured on different problems of a benchmark."""
    variants = list(dict.fromkeys(variant for one in measured.values() for variant in one))
    pairs = comparisons(variants)
    confidence = tolerance.confidence
    gains = [found for pair in pairs if pair.yardstick == BASE for found in pairs_of(measured, pair, confidence)]
    changes: dict[str, list[Paired]] = {variant.model: [] for variant in variants if variant.precision != FULL}
    for pair in pairs:
        if pair.yardstick == Variant(pair.variant.model, FULL):
            changes[pair.variant.model] += pairs_of(measured, pair, confidence)
    return Comparisons(
        points=tolerance.points,
        confidence=confidence,
        gains=gains,
        quantized=[quantized_model(model, found, measured, costs, tolerance) for model, found in changes.items()],
    )


def quantized_model(
    model: str, pairs: list[Paired], measured: Measured, costs: Sequence[Cost], tolerance: Tolerance
) -> QuantizedModel:
    own = {cost.precision: cost for cost in costs if cost.model == model}
    findings = {pair.precision: over_all(pair, pairs, tolerance) for pair in pairs if pair.benchmark == ALL}
    order = sorted(findings, key=lambda precision: size_of(precision, own, list(findings)))
    smallest = next((precision for precision in order if findings[precision].outcome == WITHIN), None)
    return QuantizedModel(
        model=model,
        full=full_accuracy(model, measured),
        pairs=pairs,
        smallest=smallest,
        line=line_of(order, findings, {pair.precision: pair for pair in pairs if pair.benchmark == ALL}, tolerance)
        or f"not computed: {NO_FULL}",
    )


def full_accuracy(model: str, measured: Measured) -> Figure:
    parts = [one[Variant(model, FULL)].by_own_rule for one in measured.values() if Variant(model, FULL) in one]
    if not parts:
        return Figure(value=None, why=f"not computed: {NO_FULL}")
    return figure(accuracy_of(pooled(parts), "accuracy"))


def over_all(pair: Paired, pairs: list[Paired], tolerance: Tolerance) -> Finding:
    """Judge the loss over all benchmarks. One that is small only on average, because a single benchmark is shown to
    lose more, exceeds the tolerance."""
    found = find(pair, tolerance.points, tolerance.confidence)
    parts = [one for one in pairs if one.precision == pair.precision and one.benchmark != ALL]
    worse = [one for one in parts if find(one, tolerance.points, tolerance.confidence).outcome == EXCEEDS]
    if found.outcome in (WITHIN, CANNOT_TELL) and worse:
        return Finding(EXCEEDS, f"on {worse[0].benchmark} alone {loss(worse[0])}")
    return found


def size_of(precision: str, costs: Mapping[str, Cost], compared: list[str]) -> float:
    """Return the bytes on disk if they are known of all compared precisions, else the bits of a weight."""
    sizes = {one: costs[one].disk_bytes.value for one in compared if one in costs}
    known = len(sizes) == len(compared) and None not in sizes.values()
    return float(sizes[precision] or 0) if known else BITS[precision]


def line_of(order: list[str], findings: dict[str, Finding], pairs: dict[str, Paired], tolerance: Tolerance) -> str:
    """Return the verdict in one line: the smallest precision within the tolerance, and what would tell of the smaller
    ones that it cannot be told of."""
    limit = f"{tolerance.points:g} point{'s' if tolerance.points != 1 else ''}"
    within = [precision for precision in order if findings[precision].outcome == WITHIN]
    smaller = order[: order.index(within[0])] if within else order
    told = []
    if within:
        bound = -100 * (pairs[within[0]].at_least or 0)
        told.append(
            f"{within[0]} is the smallest precision shown to lose less than {limit}: at most {max(0.0, bound):.2f} "
            f"with {tolerance.confidence:.0%} confidence"
        )
    for outcome, opening in ((CANNOT_TELL, "cannot tell"), (NOT_COMPUTED, "")):
        found = [precision for precision in smaller if findings[precision].outcome == outcome]
        told += [f"{opening} {precision}: {findings[precision].needs}".strip() for precision in found]
    exceeding = [precision for precision in smaller if findings[precision].outcome == EXCEEDS]
    if exceeding and len(exceeding) == len(order):
        told.append(f"no precision loses less than {limit}")
    told += [
        f"{precision} loses more: {findings[precision].needs or loss(pairs[precision])}" for precision in exceeding
    ]
    return "; ".join(told)

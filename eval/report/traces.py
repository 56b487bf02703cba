"""Packs the evaluation's traces and a part of the teacher's for the page's browser of traces."""

from dataclasses import dataclass
from pathlib import Path

from eval.report.flips import Flips, find_flips
from eval.report.opinions import one_of_each_word
from eval.report.outlines import Lengths, Outline, read_outline
from eval.report.packing import PackedTraces, TraceSet, pack
from eval.report.picking import EVALUATION, TEACHER, Bound, one_of_each_reason, pick
from records.rows import Variant

TRAINING = "training traces"
"""Stands where the evaluation's traces have their benchmark's name."""


@dataclass(frozen=True, slots=True)
class JudgedVariant:
    """One variant's judged traces of a benchmark. Made by the flow."""

    benchmark: str
    variant: Variant
    path: Path
    scores: tuple[Path, ...] = ()
    """The scores that scorers gave them."""


@dataclass(frozen=True, slots=True)
class RunTraces:
    """What the report shows of a run's traces. Made by `read_run_traces`."""

    lengths: Lengths
    """Of the teacher's."""
    flips: list[Flips]
    packed: PackedTraces


def read_run_traces(
    judged: Path,
    measured: list[JudgedVariant],
    *,
    scores: tuple[Path, ...] = (),
    opinions: Path | None = None,
    evaluation: Bound = EVALUATION,
    teacher: Bound = TEACHER,
) -> RunTraces:
    """Read every judged file twice: its columns, to find flips and to choose; then the chosen traces with their texts.

    `scores` are those of the teacher's traces, and `opinions` what an LLM judge said of some of them; None if none was
    asked. Texts are in memory a batch at a time, and compressed.
    """
    drawn = read_outline(judged)
    outlines = [read_outline(one.path) for one in measured]
    flips = [found for benchmark in benchmarks(measured) for found in flips_on(benchmark, measured, outlines)]
    marks = [
        *pick(outlines, shown_by(flips, measured), evaluation),
        *pick([drawn], [[*one_of_each_reason(drawn), *(one_of_each_word(opinions) if opinions else ())]], teacher),
    ]
    sets = [
        *(
            TraceSet(one.benchmark, str(one.variant), one.path, outline, one.scores)
            for one, outline in zip(measured, outlines, strict=True)
        ),
        TraceSet(TRAINING, "teacher", judged, drawn, scores, opinions),
    ]
    return RunTraces(drawn.lengths(), flips, pack(zip(sets, marks, strict=True), flips))


def benchmarks(measured: list[JudgedVariant]) -> list[str]:
    return list(dict.fromkeys(one.benchmark for one in measured))


def flips_on(benchmark: str, measured: list[JudgedVariant], outlines: list[Outline]) -> list[Flips]:
    pairs = zip(measured, outlines, strict=True)
    return find_flips(benchmark, {one.variant: outline for one, outline in pairs if one.benchmark == benchmark})


def shown_by(flips: list[Flips], measured: list[JudgedVariant]) -> list[list[int]]:
    """Return the positions of the traces that show the flips, for each variant measured."""
    wanted: list[list[int]] = []
    for one in measured:
        found = [found for found in flips if found.benchmark == one.benchmark]
        ours = [flip.variant for pair in found if pair.pair.variant == one.variant for flip in pair.flips]
        theirs = [flip.yardstick for pair in found if pair.pair.yardstick == one.variant for flip in pair.flips]
        wanted.append([*ours, *theirs])
    return wanted

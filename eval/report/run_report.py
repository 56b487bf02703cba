"""Reads what the report shows from a run's artifacts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.metrics.formats import read_scores
from eval.report.accounts import read_sampling
from eval.report.commands import Command
from eval.report.second_reading import read_alike, told_once
from eval.report.traces import JudgedVariant, RunTraces, read_run_traces
from eval.report.trained_stage import StageSampling, TrainedStage
from eval.scaling.curve import Curve, read_curves
from records.artifact import read_counts, read_manifest
from records.comparisons import Comparisons, Cost, read_comparisons, read_costs
from records.counts import JudgingCounts, SamplingCounts, SelectionCounts
from records.opinion_counts import OpinionCounts
from records.rounds import RoundCheck
from records.rows import Artifact, Score


@dataclass(frozen=True, slots=True)
class LineageEntry:
    """One artifact that the report builds on, as its manifest describes it."""

    stage: str
    folder: str
    fingerprint: str
    wall_s: float
    counts: str
    """The counts in one line."""
    commit: str | None
    """The commit of Retort's checkout; None outside git."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Everything that the page shows. Made by `read_run`; read by `write_report`."""

    name: str
    scores: list[Score]
    curves: list[Curve]
    """What test-time compute is worth; empty if it was not measured."""
    judged: JudgingCounts
    selected: SelectionCounts
    sampled: SamplingCounts | None
    """Counts of sampling; None for traces recorded elsewhere."""
    traces: RunTraces
    trainings: list[TrainedStage]
    """The stages that made the student, in order."""
    commands: list[Command]
    """Those that make its figures anew."""
    lineage: list[LineageEntry]
    opinion: OpinionCounts | None = None
    """What an LLM judge said; None if none was asked."""
    comparisons: Comparisons | None = None
    """None without benchmarks."""
    costs: list[Cost] = field(default_factory=list)
    samplings: list[StageSampling] = field(default_factory=list)
    """What training stages learned from that models of the run sampled, in order."""
    checks: list[RoundCheck] = field(default_factory=list)
    """The checks after rounds of training, in order."""
    read_alike: frozenset[str] = frozenset()
    """Benchmarks whose lenient reading is left out of the scores: its accuracies are those of the strict one."""


def read_run(
    name: str,
    *,
    scores: Path | None,
    curves: Path | None,
    sampled: Artifact,
    judged: Artifact,
    measured: list[JudgedVariant],
    dataset: Artifact,
    trainings: list[TrainedStage],
    samplings: list[StageSampling],
    checks: list[RoundCheck],
    commands: list[Command],
    lineage: list[Artifact],
    scored: tuple[Path, ...] = (),
    opinion: Artifact | None = None,
) -> RunReport:
    """Read a run's report from its artifacts; `scores` is None without benchmarks, `curves` if there are none,
    `opinion` if no judge was asked. `scored` holds the scores of the teacher's traces.

    Errors: InputError for a manifest of another version."""
    found = read_scores(scores) if scores else []
    return RunReport(
        name=name,
        scores=told_once(found),
        read_alike=read_alike(found),
        curves=read_curves(curves) if curves else [],
        judged=read_counts(judged, JudgingCounts),
        selected=read_counts(dataset, SelectionCounts),
        sampled=read_sampling(sampled),
        traces=read_run_traces(judged.path, measured, scores=scored, opinions=opinion.path if opinion else None),
        trainings=trainings,
        commands=commands,
        lineage=[lineage_entry(artifact) for artifact in lineage],
        opinion=read_counts(opinion, OpinionCounts) if opinion else None,
        comparisons=read_comparisons(scores) if scores else None,
        costs=read_costs(scores) if scores else [],
        samplings=samplings,
        checks=checks,
    )


def lineage_entry(artifact: Artifact) -> LineageEntry:
    manifest = read_manifest(artifact)
    return LineageEntry(
        stage=manifest["stage"],
        folder=artifact.path.name,
        fingerprint=artifact.fingerprint,
        wall_s=manifest["provenance"]["wall_s"],
        counts=in_one_line(manifest["counts"]),
        commit=manifest["provenance"]["commit"],
    )


def in_one_line(counts: dict[str, Any]) -> str:
    """Format counts: `{"traces": 8, "rejected": {"truncated": 2}}` becomes `traces 8, rejected (truncated 2)`.

    Fields that do not apply are left out, and so are groups, which the report shows in tables.
    """
    listed = {name: count for name, count in counts.items() if count is not None and not name.startswith("by_")}
    return ", ".join(
        f"{name} ({in_one_line(count)})" if isinstance(count, dict) else f"{name} {count}"
        for name, count in listed.items()
    )

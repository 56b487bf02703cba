"""Scores, checkpoint and report."""

from pathlib import Path

from configs.schema import Config
from flows.run.progress import Report
from records.counts import ExportCounts, ReportCounts, ScoreCounts
from records.rows import Artifact


def score_all(folder: Path, judged: dict[str, dict[tuple[str, str], Path]], progress: Report) -> ScoreCounts:
    """`scores.json`: every (model, precision) of every benchmark, with paired differences."""
    from eval.metrics.accuracy import score_benchmark
    from records.files import write_json
    from records.rows import Variant

    scores = []
    for benchmark, folders in judged.items():
        scores += score_benchmark(benchmark, {Variant(*named): path for named, path in folders.items()})
    write_json(folder / "scores.json", scores)
    return ScoreCounts(scores=len(scores))


def publish(
    folder: Path,
    config: Config,
    trained: Path,
    base: str,
    scores: Path | None,
    lineage: list[Artifact],
    progress: Report,
) -> ExportCounts:
    from eval.metrics.formats import read_scores
    from eval.report.tables import markdown_scores
    from student.export.checkpoint import export

    card = {
        "name": f"{config.name}: {config.student.name}",
        "base": base,
        "teacher": config.teacher.name,
        "prompt": config.student.prompt.user.replace("\n", "\\n"),
        "scores": markdown_scores(read_scores(scores)) if scores else "Not evaluated.",
        "lineage": "\n".join(f"- `{artifact.path.name}`" for artifact in lineage),
    }
    limit = config.evaluation.max_tokens if config.evaluation else config.training.max_length
    return export(folder, trained, config.publishing, card, limit)


def report(
    folder: Path,
    name: str,
    scores: Path | None,
    judged: Artifact,
    dataset: Artifact,
    lineage: list[Artifact],
    progress: Report,
) -> ReportCounts:
    from eval.report.page import write_report
    from eval.report.run_report import read_run

    sampled = next(artifact for artifact in lineage if artifact.path.name == f"sample-{artifact.fingerprint}")
    run = read_run(name, scores=scores, sampled=sampled, judged=judged, dataset=dataset, lineage=lineage)
    write_report(folder / "report.html", run)
    return ReportCounts(samples=len(run.samples))

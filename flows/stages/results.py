"""Scores, checkpoint and report."""

from pathlib import Path

from configs.schema import Config
from flows.run.progress import Report
from flows.stage import Counts
from records.rows import Artifact


def score_all(folder: Path, judged: dict[str, dict[tuple[str, str], Path]], progress: Report) -> Counts:
    """`scores.json`: every (model, precision) of every benchmark, with paired differences."""
    from eval.metrics.accuracy import difference, score
    from records.files import write_json

    scores = []
    for benchmark, folders in judged.items():
        for (model, precision), path in folders.items():
            scores += score(path, benchmark, model, precision)
            if model == "student" and ("base", "full") in folders:
                base = folders["base", "full"]
                scores.append(difference(path, base, benchmark, model, precision, "gain_over_base"))
            if precision != "full":
                full = folders[model, "full"]
                scores.append(difference(path, full, benchmark, model, precision, "change_from_full"))
    write_json(folder / "scores.json", scores)
    return {"scores": len(scores)}


def publish(
    folder: Path,
    config: Config,
    trained: Path,
    base: str,
    scores: Path | None,
    lineage: list[Artifact],
    progress: Report,
) -> Counts:
    from eval.report.tables import markdown_scores, read_scores
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
) -> Counts:
    from eval.report.page import write_report
    from eval.report.tables import lengths_and_samples, read_scores
    from records.artifact import read_manifest

    lengths, samples = lengths_and_samples(judged.path)
    rows = read_scores(scores) if scores else []
    manifests = [(artifact, read_manifest(artifact)) for artifact in lineage]
    rooted = [
        {
            "stage": manifest["stage"],
            "fingerprint": artifact.fingerprint,
            "folder": artifact.path.name,
            "wall_s": manifest["provenance"]["wall_s"],
            "counts": {name: count for name, count in manifest["counts"].items() if not name.startswith("by_")},
            "commit": manifest["provenance"]["commit"],
        }
        for artifact, manifest in manifests
    ]
    sampled = next(manifest["counts"] for _, manifest in manifests if manifest["stage"] == "sample")
    selected = read_manifest(dataset)["counts"]
    shown = {"selected", "left_out", "disputed_references"}
    funnel = read_manifest(judged)["counts"] | {key: value for key, value in selected.items() if key in shown}
    write_report(folder / "report.html", name, rows, funnel, sampled, lengths, samples, rooted)
    return {"samples": len(samples)}

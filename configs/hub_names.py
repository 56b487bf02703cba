"""Finds Hugging Face names without a pinned commit: the hub's content may change, so the run cannot be repeated."""

from collections.abc import Iterator
from pathlib import Path

from configs.benchmarks import shipped_names
from configs.judges import judge_weights
from configs.schema import Config
from configs.sources import RowFile
from configs.teacher_kind import WeightsName

MOVING = (None, "main")
"""Revisions that do not name a commit."""


def unpinned(config: Config) -> list[str]:
    """Return a line for each model and dataset from the hub without a commit: its key, its name and how to pin it."""
    return [
        f"{place}: {name} is not pinned; set {place}.revision to a commit of it, or the run cannot be repeated"
        for place, name, revision in hub_names(config)
        if revision in MOVING
    ]


def hub_names(config: Config) -> Iterator[tuple[str, str, str | None]]:
    """Yield (key in the config, owner/name, revision) of every model and dataset that is loaded from the hub."""
    student = WeightsName("student", config.student.path or "", config.student.revision)
    evaluated = config.evaluation.models if config.evaluation else {}
    others = [WeightsName(f"evaluation.models.{name}", one.path or "", one.revision) for name, one in evaluated.items()]
    for weights in (*config.teacher.weights_names, *judge_weights(config), student, *others):
        if is_model_name(weights.path):
            yield weights
    sources: dict[str, object] = {f"problems.{index}": source for index, source in enumerate(config.problems)}
    sources |= {f"teacher.files.{index}": file for index, file in enumerate(config.teacher.trace_files)}
    for at, stage in enumerate(config.training):
        place = f"training.{at}" if len(config.training) > 1 else "training"
        for index, data in enumerate(stage.datasets):
            sources |= {f"{place}.data.{index}": data.table()} if data.path else {}
        for key, sampled in stage.samplings.items():
            sources |= {f"{place}.{key}.problems.{number}": one for number, one in enumerate(sampled.problems)}
    for name, benchmark in config.benchmarks.items():
        shipped = name in shipped_names()  # then `revision` stands beside the name
        for index, held_out in enumerate(benchmark.sources):
            sources[f"benchmarks.{name}" if shipped else f"benchmarks.{name}.sources.{index}"] = held_out
    for place, source in sources.items():
        if isinstance(source, RowFile) and source.hub_name:
            yield place, source.hub_name, source.revision


def is_model_name(path: str) -> bool:
    """Return True if a model's path is a name on the hub rather than a directory."""
    return path.count("/") == 1 and not path.startswith((".", "/", "~")) and not Path(path).exists()

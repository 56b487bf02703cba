"""What of a config identifies an artifact: everything that shapes it, and nothing of where or how fast it is made."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from configs.judging import Judging
from configs.models import Model
from configs.section import Section
from configs.servers import ServerTeacher
from configs.sources import ProblemFile, ProblemSource, RowFile
from records.hashing import hash_path

NOT_SHAPING = {"shard_size", "price", "reuse", "speculate"}
"""Settings of sampling that change none of its traces. The budget is none of these: it says how many there are."""

NOT_SHAPING_SERVERS = {"path", "revision", "engine", "gpus", "first_port", "ready_timeout_s"}


def dump(section: Section, exclude: set[str] | None = None) -> dict[str, Any]:
    return section.model_dump(mode="json", exclude=exclude)


def identity_of(model: Model, made_here: bool) -> dict[str, Any]:
    """What of a model shapes its completions: its weights by content or pinned name, never where they lie."""
    shaping = dump(model, exclude={"engine", "path", "revision", "scratch", "thinks"})
    if made_here:
        return shaping
    return shaping | {"weights": identity_of_weights(str(model.path), model.revision)}


def identity_of_weights(path: str, revision: str | None) -> Any:
    return hash_path(Path(path)) if Path(path).exists() else [path, revision]


def identity_of_servers(teacher: ServerTeacher) -> dict[str, Any]:
    """What of a model behind servers shapes its completions: never where they are, nor how they are asked. Whether
    `model` there stays the same weights is for the user to know."""
    shaping = teacher.model_dump(
        mode="json", include={"name", "model", "max_model_len", "prompt", "thinks", "extra_body"}
    )
    if teacher.serve is None:
        return shaping
    weights = identity_of_weights(teacher.serve.path, teacher.serve.revision)
    return shaping | {"model": "", "weights": weights} | dump(teacher.serve, exclude=NOT_SHAPING_SERVERS)


def identity_of_source(source: ProblemSource | RowFile) -> dict[str, Any]:
    """A generated source by its settings, a file by its content, a hub dataset by name and revision."""
    if not isinstance(source, ProblemFile | RowFile):
        return dump(source)
    path = Path(source.path)
    content = hash_path(path) if path.exists() else source.path
    return dump(source, exclude={"path"}) | {"content": content}


def identity_of_judging(judging: Judging, benchmarks: Iterable[str], hints: tuple[str, ...]) -> dict[str, Any]:
    from filters.chain import VERSION

    settings = dump(judging, exclude={"workers"}) | {"benchmarks": list(benchmarks), "version": VERSION}
    return settings | ({"hints": list(hints)} if hints else {})

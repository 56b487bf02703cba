"""Benchmarks: held-out problems with sampling settings of their own, in the config or named in configs/benchmarks/."""

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from configs.prompt import Prompt
from configs.sampling import MOST
from configs.section import Section
from configs.sources import GeneratedProblems, ProblemFile, ProblemSource

SHIPPED = Path(__file__).with_name("benchmarks")
OF_SOURCES = ("path", "files", "revision", "limit", "from", "until")
"""Settings of a benchmark's files that may stand beside its name."""
WITH_REFERENCE = ("math", "choice")


class Benchmark(Section):
    """Held-out problems, and the settings of `evaluation` that differ for them.

    In a config it is a list of sources, a mapping with `sources`, or the name of a file in configs/benchmarks/ with
    settings: `math_500: {n: 4}`. A named one also takes `path`, `files`, `revision`, `limit`, `from` and `until`, which
    replace those of its sources.
    """

    sources: list[ProblemSource]
    n: int | None = Field(default=None, ge=1, le=MOST)
    """`null`: as in `evaluation`."""
    temperature: float | None = Field(default=None, ge=0)
    """`null`: as in `evaluation`."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """`null`: as in `evaluation`."""
    top_k: int | None = Field(default=None, ge=-1)
    """`null`: as in `evaluation`."""
    max_tokens: int | None = Field(default=None, ge=1)
    """`null`: as in `evaluation`."""
    user: str | None = None
    """Template of the user's turn in place of the model's own, for problems that say themselves how to answer:
    `"{problem}"`. The model's system prompt and the arguments of its chat template stay."""

    @model_validator(mode="after")
    def can_be_judged(self) -> "Benchmark":
        if not self.sources:
            raise ValueError("sources: an empty benchmark measures nothing; give a source, or remove the benchmark")
        if self.user is not None and "{problem}" not in self.user:
            raise ValueError("user: must contain {problem}, or every problem would get the same prompt")
        for number, source in enumerate(self.sources):
            if isinstance(source, GeneratedProblems) or source.verifier not in WITH_REFERENCE:
                continue
            if source.columns.reference is None:
                raise ValueError(
                    f"sources.{number}: {source.verifier} compares answers with references: set columns.reference"
                )
        return self

    @property
    def overrides(self) -> dict[str, Any]:
        """The sampling settings that it has of its own."""
        names = ("n", "temperature", "top_p", "top_k", "max_tokens")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def prompt(self, of_model: Prompt) -> Prompt:
        """Return the prompt with which its problems are put to a model."""
        return of_model if self.user is None else of_model.model_copy(update={"user": self.user})


def resolve(given: Any) -> Any:
    """Return the config's `benchmarks` with every list of sources and every name replaced by a mapping with `sources`.
    Errors: ValueError that names the benchmark and says what to change."""
    if not isinstance(given, dict):
        return given
    return {name: resolved(str(name), value) for name, value in given.items()}


def resolved(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return {"sources": value}
    if not isinstance(value, dict) or "sources" in value:
        return value
    known = [*Benchmark.model_fields, *OF_SOURCES]
    for key in value.keys() - {*known}:
        near = difflib.get_close_matches(str(key), known, n=1)
        raise ValueError(f"{name}.{key}: unknown key; " + (f"did you mean {near[0]}?" if near else ", ".join(known)))
    tree = read_named(name)
    settings = {key: setting for key, setting in value.items() if key not in OF_SOURCES}
    replaced = {key: setting for key, setting in value.items() if key in OF_SOURCES}
    return tree | settings | {"sources": [with_settings(name, source, replaced) for source in tree["sources"]]}


def shipped_names() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def read_named(name: str) -> dict[str, Any]:
    """Read a shipped benchmark. Errors: ValueError with the nearest name and all names."""
    known = shipped_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"{name}: no such benchmark; {guess}known: {', '.join(known)}; give your own its `sources`")
    tree: dict[str, Any] = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    return tree


def with_settings(name: str, source: dict[str, Any], replaced: dict[str, Any]) -> dict[str, Any]:
    """Return a source of a named benchmark with the settings that stand beside the name."""
    if not replaced:
        return source
    if source["kind"] != "file":
        raise ValueError(f"{name}: {', '.join(replaced)} is of files, and its problems are generated; remove it")
    if "path" in replaced:  # the hub's own commit, subset and files say nothing about another place
        source = {key: value for key, value in source.items() if key not in ("revision", "subset", "files")}
    try:
        ProblemFile.model_validate(source | replaced)
    except ValidationError as error:
        entry = error.errors()[0]
        place = ".".join(map(str, (name, *entry["loc"])))
        raise ValueError(f"{place}: {entry['msg'].removeprefix('Value error, ')}") from None
    return source | replaced

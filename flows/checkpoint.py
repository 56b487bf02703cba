"""Builds the config of `retort evaluate` from what the checkpoint says, a file, options and overrides. Later ones take
precedence."""

import difflib
import re
from pathlib import Path
from typing import Any

from configs.benchmarks import shipped_names
from configs.checkpoint import CheckpointEvaluation, of_pair
from configs.errors import ConfigError
from configs.load import apply_overrides, load_config, read_tree, validated
from configs.overrides import parse_override
from records.errors import InputError
from records.tables import ENDINGS
from teacher.engines.checkpoint import LONGEST, CheckpointFacts, read_checkpoint

PROMPT = "r1"
"""The prompt of a checkpoint unless another one is given: it asks for the answer in a box."""
MOST_FOR_PROMPT = 2048
"""Most tokens of the context that are left for the prompt unless `evaluation.max_tokens` is given."""


def checkpoint_config(
    checkpoint: str, *, file: str | None, benchmarks: str | None, precisions: str | None, overrides: list[str]
) -> CheckpointEvaluation:
    """Return the whole config. Errors: ConfigError for settings, InputError for a checkpoint that is none."""
    tree = read_file(file) if file else {}
    if benchmarks is not None:
        tree["benchmarks"] = dict(named_benchmark(name, tree.get("benchmarks", {})) for name in listed(benchmarks))
    if precisions is not None:
        tree["precisions"] = listed(precisions)
    tree["model"] = tree.get("model", {}) | {"path": checkpoint}
    given = [parse_override(override) for override in overrides]
    revision = next((one.value for one in given if one.dotted == "model.revision"), tree["model"].get("revision"))
    facts = read_checkpoint(checkpoint, None if revision is None else str(revision))
    tree["model"] = defaults_of(checkpoint, facts) | tree["model"]
    apply_overrides(tree, given, CheckpointEvaluation)
    complete(tree)
    config = validated(tree, CheckpointEvaluation, file or "retort evaluate")
    if facts.quantized and config.precisions != ["full"]:
        raise InputError(
            f"{checkpoint}: its weights are quantized already; measure them as they are, with --precisions full"
        )
    return config


def read_file(file: str) -> dict[str, Any]:
    """Return the tree of a checkpoint's config, or that of a pair as one. Errors: ConfigError."""
    tree = read_tree(file)
    if "student" in tree:
        load_config(file)  # every mistake of a pair is named there
        return of_pair(tree)
    for section in ("model", "benchmarks", "evaluation"):
        if not isinstance(tree.get(section, {}), dict):
            raise ConfigError(f"{file}: {section}: must be a mapping")
    return tree


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def defaults_of(checkpoint: str, facts: CheckpointFacts) -> dict[str, Any]:
    """Return what the checkpoint says of itself as settings of a model. One that does not think by these settings may
    still do so: a reasoning that it opens is cut off its answer."""
    return {
        "name": re.sub(r"[^A-Za-z0-9._-]+", "-", Path(checkpoint).absolute().name).strip("-.") or "checkpoint",
        "dtype": facts.dtype,
        "max_model_len": min(facts.positions or LONGEST, LONGEST),
        "prompt": PROMPT if facts.reasoning_format == "think" else with_format(facts.reasoning_format),
        "thinks": False,
    }


def with_format(reasoning_format: str) -> dict[str, Any]:
    from configs.prompt import read_family

    return read_family(PROMPT) | {"reasoning_format": reasoning_format}


def complete(tree: dict[str, Any]) -> None:
    """Give completions what the prompt does not need of the context, unless their length is set."""
    evaluation, model = tree.setdefault("evaluation", {}), tree["model"]
    if not isinstance(evaluation, dict) or not isinstance(model, dict) or "max_tokens" in evaluation:
        return
    context = model.get("max_model_len")
    if isinstance(context, int):
        evaluation["max_tokens"] = max(1, context - min(MOST_FOR_PROMPT, context // 4))


def named_benchmark(name: str, known: dict[str, Any]) -> tuple[str, Any]:
    """Return a benchmark's name and settings: one of the config file, a shipped one, or a file of problems.
    Errors: ConfigError."""
    if name in known:
        return name, known[name]
    if name in shipped_names():
        return name, {}
    if name.endswith(ENDINGS):
        return Path(name).name.split(".")[0], [{"kind": "file", "path": name}]
    names = [*known, *shipped_names()]
    near = difflib.get_close_matches(name, names, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    known_names = ", ".join(names)
    raise ConfigError(
        f"--benchmarks {name}: no such benchmark; {guess}known: {known_names}; or give a file of problems"
    )

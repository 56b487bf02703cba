"""The identities of the stages that a config of a kind is planned to."""

from typing import Any

import yaml
from identity_kind_cases import KINDS

from configs.load import load_config
from configs.schema import Config
from flows.distill import plan_distillation
from flows.plan import Stage


def config_of(kind: str, tmp: Any, *overrides: str) -> Config:
    file = tmp / "pair.yaml"
    file.write_text(yaml.safe_dump(KINDS[kind]))
    return load_config(file, list(overrides))


def own_identities(config: Config) -> dict[str, Any]:
    """What each kind of stage adds to its needs."""
    found: dict[str, list[Any]] = {}
    for stage in plan_distillation(config).plan.stages:
        found.setdefault(kind_of(stage), []).append(stage.inputs | {"needs": len(stage.needs)})
    return found


def kind_of(stage: Stage) -> str:
    name = stage.name.removesuffix("-from-scratch")
    kinds = (
        "pairs-imported",
        "score-traces",
        "eval-scores",
        "eval-judge",
        "eval-check",
        "eval-search",
        "eval",
        "budgets-judge",
        "budgets",
        "check",
        "quantize",
        "benchmark",
    )
    kinds += ("export", "train", "round-check", "sample-", "judge-", "select-", "problems-")
    return next((kind for kind in kinds if name.startswith(kind)), name)

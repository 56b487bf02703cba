"""The stages that `bench.stage_faults` kills: those of reward models, scorers, judges and searches, with the fake
teacher and the fake judge, and with real verifiers, journals and tables."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from configs.load import load_config
from flows.distill import Distillation, plan_distillation
from flows.plan import Stage
from flows.stages.sample import SampleTeacher
from records.artifact import build_once

PROBLEMS, SHARD = 32, 8
SLOW = {"latency_s": 0.001, "in_flight": 8}
"""Slow enough that a kill falls between two completions, and that some are in flight."""
SEARCHES: dict[str, dict[str, Any]] = {
    "best_of_n": {"width": 4},
    "beam": {"width": 6, "expand": 3, "step_tokens": 50},
    "dvts": {"width": 6, "expand": 3, "step_tokens": 50},
    "mcts": {"expand": 3, "simulations": 3, "step_tokens": 50},
}
MODEL = "reward-model"
"""Folder beside the config in which the process reward model lies."""
Overrides = dict[str, Any]


def tree_of(folder: Path, changes: Overrides) -> dict[str, Any]:
    """Return a config whose teacher searches, so that its traces have steps that the fake can continue."""
    small = {"max_length": 256, "settings": {"max_steps": 1}}
    judge = {"kind": "fake_judge", "accuracy": 0.9, **SLOW}
    prm = {"kind": "process", "path": str(folder / MODEL), "dtype": "float32", "batch_tokens": 400}
    tree: dict[str, Any] = {
        "name": "faults",
        "run_dir": str(folder / "runs" / "run"),  # the unbroken stage is kept where no run reuses it
        "teacher": {"kind": "fake", "accuracy": 0.6, **SLOW},
        "student": {"name": "small", "path": "owner/name"},
        "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": PROBLEMS, "verifier": "math"}],
        "sampling": {
            "n": 2,
            "max_tokens": 200,
            "shard_size": 2 * SHARD,
            "search": {"kind": "beam", "scorer": "exact"} | SEARCHES["beam"],
        },
        "scorers": {
            "exact": {"kind": "equations"},
            "prm": prm,
            "judge": {"kind": "step_judge", "judge": judge, "sampling": {"n": 2, "max_tokens": 100, "shard_size": 40}},
        },
        "second_opinion": {"judge": judge, "sampling": {"n": 2, "max_tokens": 100, "shard_size": 40}},
        "training": [
            {"method": "process_reward", "data": [{"from": "rollouts", "n": 3, "limit": 60}], **small},
            {"method": "reward", "data": [{"from": "traces"}], **small},
            {"name": "sft", **small},
        ],
        "selection": {"order": "score", "scorer": "exact"},
    }
    return {name: merged(value, changes.get(name)) for name, value in tree.items()}


def merged(value: Any, change: Any) -> Any:
    """Return a section with a change, in which None takes a field away."""
    if not isinstance(change, dict):
        return value if change is None else change
    return {name: one for name, one in (value | change).items() if one is not None}


def planned(folder: Path, changes: Overrides) -> Distillation:
    file = folder / "faults.yaml"
    file.write_text(yaml.safe_dump(tree_of(folder, changes)))
    return plan_distillation(load_config(file))


def named(name: str) -> Callable[[Distillation], Stage]:
    """Return what finds the planned stage of a name."""
    return lambda run: next(stage for stage in run.plan.stages if stage.name == name)


def by_search(kind: str) -> Overrides:
    return {"sampling": {"n": 1, "search": {"kind": kind, "scorer": "exact"} | SEARCHES[kind]}}


UNTIL_ACCEPTED = {"teacher": {"in_flight": 32}, "sampling": {"n": None, "search": None, "accept": 2, "max_n": 8}}


def labelled_by(search: str) -> Overrides:
    data = [{"from": "rollouts", "n": 3, "limit": 60, "search": search}]
    small = {"max_length": 256, "settings": {"max_steps": 1}}
    return {"training": [{"method": "process_reward", "data": data, **small}, {"name": "sft", **small}]}


def scored_by(scorer: str) -> Overrides:
    return {"selection": {"order": "score", "scorer": scorer}}


CASES: dict[str, tuple[Overrides, Callable[[Distillation], Stage]]] = {
    "sampling until accepted": (UNTIL_ACCEPTED, named("sample")),
    **{f"search: {kind}": (by_search(kind), named("sample")) for kind in SEARCHES},
    "rollouts from all steps": (labelled_by("all"), named("step-labels")),
    "rollouts by halving": (labelled_by("binary"), named("step-labels")),
    "scores: equations": ({}, named("score-traces-exact")),
    "scores: process reward model": (scored_by("prm"), named("score-traces-prm")),
    "step judge: questions": (scored_by("judge"), named("score-traces-judge-questions")),
    "step judge: replies": (scored_by("judge"), named("score-traces-judge-replies")),
    "step judge: scores": (scored_by("judge"), named("score-traces-judge")),
    "second opinion: questions": ({}, named("opinion-questions")),
    "second opinion: replies": ({}, named("opinion-replies")),
    "second opinion: verdicts": ({}, named("second-opinion")),
    "pairs of replies": ({}, named("pairs")),
    "dataset by score": ({}, named("select")),
}
"""By name: how the config differs, and which of its stages is killed."""


def build(stage: Stage) -> None:
    """Build a stage in this process as the only worker, with its manifest."""
    build_once(
        stage.run_dir,
        stage.name,
        stage.inputs,
        lambda folder: stage.build(folder, progress=ignore),
        public=stage.published,
    )


def build_needs(stage: Stage) -> None:
    """Build what a stage is made from. The fake is not slow here."""
    for need in stage.lineage():
        build(without_latency(need))


def without_latency(stage: Stage) -> Stage:
    """Return a stage of the same identity whose fake answers at once."""
    if not isinstance(stage, SampleTeacher):
        return stage
    return replace(stage, teacher=stage.teacher.model_copy(update={"latency_s": 0.0}))


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""

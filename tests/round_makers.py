"""The demo of rounds, planned, with checks that found what a test says."""

from dataclasses import replace
from pathlib import Path

from comparison_makers import paired_of
from conftest import ROOT

from configs.load import load_config
from flows.distill import Distillation, plan_distillation
from flows.stages.round_check import CheckRound
from flows.stages.sample import SampleTeacher
from flows.stages.train_sft import TrainSft
from records.artifact import build_once
from records.counts import ScoreCounts
from records.files import write_json
from records.rounds import FILE, RoundCheck

STAR = ROOT / "configs" / "demo" / "star.yaml"
UP, FLAT = paired_of(0.1, 0.05, 0.15), paired_of(0.004, -0.011, 0.019)


def run_of(tmp_path: Path, *overrides: str) -> Distillation:
    return plan_distillation(load_config(STAR, [f"run_dir={tmp_path}", *overrides]))


def trained(run: Distillation) -> list[str]:
    return [stage.training.name for stage in run.plan.stages if isinstance(stage, TrainSft)]


def decide(check: CheckRound, brought: object) -> None:
    """Make the check's artifact: it found what the round brought."""
    pair = replace(brought, benchmark="held_out")  # type: ignore[type-var]
    found = RoundCheck(stage=check.stage, number=check.number, before=check.before.variant.model, pair=pair)

    def build(folder: Path) -> ScoreCounts:
        write_json(folder / FILE, found)
        return ScoreCounts(scores=1)

    build_once(check.run_dir, check.name, check.inputs, build)


def sampled_by(run: Distillation, name: str) -> str:
    """Whose weights are sampled for a stage."""
    (stage,) = [one for one in run.plan.stages if isinstance(one, SampleTeacher) and one.name == f"sample-{name}"]
    assert stage.weights
    made_by = stage.weights.made_by
    return made_by.name if made_by else "base"

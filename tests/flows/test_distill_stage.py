"""The stage of an on-policy distillation: planned from a config, built, and told of in report and card."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from distill_makers import SETTINGS, write_pair

from configs.load import load_config
from eval.report.curves import panels
from flows.distill import plan_distillation
from flows.plan import Stage
from flows.stages.train_distill import TrainDistill
from flows.trained import trained_stage
from records.artifact import build_once
from records.errors import InputError
from records.preflight import read_preflight


def plan(tmp_path: Path, pair: tuple[Path, Path], **fields: Any) -> TrainDistill:
    student, teacher = pair
    tree = {
        "name": "made",
        "run_dir": str(tmp_path / "run"),
        "teacher": {"kind": "vllm", "name": "big", "path": str(teacher), "max_model_len": 192, "dtype": "float32"},
        "student": {"name": "small", "path": str(student), "max_model_len": 192, "dtype": "float32"},
        "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 6, "settings": {"max_terms": 2}}],
        "sampling": {"max_tokens": 32},
        "training": {"method": "distill", "max_length": 192, "dtype": "float32", "settings": SETTINGS} | fields,
    }
    (tmp_path / "made.yaml").write_text(yaml.safe_dump(tree))
    student_stage = plan_distillation(load_config(tmp_path / "made.yaml")).student
    assert isinstance(student_stage, TrainDistill)
    return student_stage


def build(stage: Stage) -> None:
    build_once(stage.run_dir, stage.name, stage.inputs, lambda folder: stage.build(folder, progress=ignore))


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


def test_a_run_distils_on_its_problems(tmp_path: Path) -> None:
    settings = SETTINGS | {"max_steps": 2, "per_device_train_batch_size": 1}
    stage = plan(tmp_path, write_pair(tmp_path, 300, 288), settings=settings)
    assert [need.name for need in stage.needs] == ["problems"]
    build(stage.problems)
    build(stage)
    told = trained_stage(stage)
    assert (told.method, told.start, told.counts.steps, told.counts.rows) == ("distill", "the base", 2, 6)
    assert {"tokens of a drawn completion", "loss, nats", "entropy, nats"} <= {
        panel.title for panel in panels(told.log) if panel.chart is not None
    }
    found = read_preflight(stage.path)
    assert (found.rows, found.trained, found.refusals, found.cost) == (6, 6, [], None)


def test_another_vocabulary_is_refused_before_a_model_is_loaded(tmp_path: Path) -> None:
    stage = plan(tmp_path, write_pair(tmp_path, other=True))
    build(stage.problems)
    found = stage.preflight(ignore)
    assert len(found.refusals) == 1
    assert "align: gold" in found.refusals[0]
    with pytest.raises(InputError, match="the training would fail: teacher: the vocabularies"):
        build(stage)
    gold = plan(tmp_path, (tmp_path / "student", tmp_path / "teacher"), align="gold")
    assert gold.preflight(ignore).refusals == []

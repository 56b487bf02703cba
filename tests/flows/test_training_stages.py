"""Training stages follow one another: each imports its datasets, and starts from the weights of the one before."""

import json
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from conftest import ROOT

from configs.errors import ConfigError
from configs.load import load_config
from flows.card import limits_of, recipe_of
from flows.distill import plan_distillation
from flows.stages.train_grpo import TrainGrpo
from flows.trained import trained_stage
from records.artifact import build_once, read_counts
from records.hashing import sha256_of
from records.prompts import PromptsCounts
from records.training_counts import RowsCounts, TrainingCounts

FAKE = ROOT / "configs" / "demo" / "fake.yaml"


def test_two_stages_on_datasets_made_elsewhere(tmp_path: Path) -> None:
    for name in ("a", "b"):
        rows = [
            {"messages": [{"role": "user", "content": f"{name}{at}?"}, {"role": "assistant", "content": "\\boxed{1}"}]}
            for at in range(6)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {"max_steps": 2, "per_device_train_batch_size": 2, "bf16": False, "save_steps": 1, "learning_rate": 0.01}
    shared = {"max_length": 64, "dtype": "float32", "settings": settings}
    stages = [
        shared | {"name": "first", "data": [{"path": str(tmp_path / "a.jsonl")}]},
        shared | {"name": "second", "data": [{"path": str(tmp_path / "b.jsonl")}], "lora": {"r": 2}, "max_length": 48},
    ]
    tree = yaml.safe_load(FAKE.read_text()) | {"training": stages, "run_dir": str(tmp_path / "run")}
    (tmp_path / "stages.yaml").write_text(yaml.safe_dump(tree))
    run = plan_distillation(load_config(tmp_path / "stages.yaml"))
    student = run.student
    for stage in [*student.lineage(), student]:
        build = partial(stage.build, progress=lambda *_, **__: None)
        build_once(stage.run_dir, stage.name, stage.inputs, build)

    first, made = student.base.made_by, student.mixed[0].made_by
    assert first is not None
    assert sorted(stage.name for stage in student.lineage()) == ["base-from-scratch", "rows", "rows", "train-first"]
    assert read_counts(made.artifact, RowsCounts).rows == 6
    assert read_counts(student.artifact, TrainingCounts).merged_onto == "base"
    config = json.loads((student.path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(first.path)
    assert sha256_of(first.path / "model.safetensors") != sha256_of(student.path / "model.safetensors")
    assert set(pq.read_table(student.path / "training" / "ledger.parquet")["source"].to_pylist()) == {"b"}
    assert not (student.path / ".work").exists()
    assert limits_of(run.checkpoint).max_length == 64


def test_a_stage_that_learns_from_rewards(tmp_path: Path) -> None:
    settings = {"max_steps": 1, "num_generations": 2, "per_device_train_batch_size": 4, "bf16": False}
    stage = {
        "method": "grpo",
        "max_length": 128,
        "dtype": "float32",
        "held_out": 2,
        "prompts": {"limit": 6},
        "settings": settings | {"max_completion_length": 16},
    }
    tree = yaml.safe_load(FAKE.read_text()) | {"training": stage, "run_dir": str(tmp_path / "run")}
    (tmp_path / "stages.yaml").write_text(yaml.safe_dump(tree))
    student = plan_distillation(load_config(tmp_path / "stages.yaml")).student
    assert isinstance(student, TrainGrpo)
    for made in [*student.lineage(), student]:
        build_once(made.run_dir, made.name, made.inputs, partial(made.build, progress=lambda *_, **__: None))
    counts = read_counts(student.artifact, TrainingCounts)
    assert (counts.steps, counts.held_out_rows, counts.rows) == (1, 2, 2)
    assert read_counts(student.chosen.artifact, PromptsCounts).chosen == 6
    assert not any(stage.name.startswith(("sample", "judge")) for stage in student.lineage())
    told = trained_stage(student)
    assert (told.method, told.start, told.preflight.rows) == ("grpo", "the base", 6)
    assert recipe_of(student).settings["rewards.answer"] == 1.0
    ledger = pq.read_table(student.path / "training" / "ledger.parquet").to_pydict()
    assert len(ledger["reward"]) == 4


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([{"name": "a"}, {"name": "a"}], "training.1.name: 'a' cannot be used, because another stage has it"),
        ([{"name": "base"}], "training.0.name: 'base' cannot be used, because it means something else"),
        ([{"name": "a", "start": "b"}, {"name": "b"}], "training.0.start: 'b' is no earlier stage; choose one of"),
        ([{"lora": None, "quantize": "nf4"}], "quantize: weights in 4 bits cannot be trained"),
        ([{"patience": 2}], "patience: needs held_out"),
        ([{"held_out": 2.5}], "held_out: give a share below 1, or a whole number of problems"),
        ([{"data": [{"from": "traces", "path": "x"}]}], "give either from (traces, or a stage to sample) or path"),
        ([{"data": []}], "training.0.data: "),
        ([{"warmup_steps": 3}], "warmup_steps: unknown key; a field of TRL's SFTConfig goes into settings"),
    ],
)
def test_mistakes(stages: list[dict[str, object]], message: str, tmp_path: Path) -> None:
    tree = yaml.safe_load(FAKE.read_text()) | {"training": [{"max_length": 64} | stage for stage in stages]}
    (tmp_path / "stages.yaml").write_text(yaml.safe_dump(tree))
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "stages.yaml")
    assert message in str(caught.value)

"""A distillation that cannot be is refused in one line before anything starts."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from config_makers import make_tree

from configs.load import ConfigError, load_config
from configs.schema import Config
from configs.stages import DistillStage

FAKE = {"kind": "fake"}
RECORDED = {"kind": "recorded", "name": "big", "files": [{"path": "hf://owner/traces", "columns": {}}]}
STORED = {"source": "stored"}


def loaded(tmp_path: Path, stage: dict[str, Any], **sections: Any) -> Config:
    distilled = {"training": [{"method": "distill", "max_length": 512} | stage]}
    tree = {key: value for key, value in (make_tree() | distilled | sections).items() if value is not None}
    file = tmp_path / "made.yaml"
    file.write_text(yaml.safe_dump(tree))
    return load_config(file)


@pytest.mark.parametrize(
    ("stage", "sections", "message"),
    [
        ({}, {"teacher": FAKE}, "training.0.teacher: the run's teacher has no weights here"),
        (
            {},
            {"teacher": RECORDED, "problems": None, "sampling": None},
            "training.0.prompts: a recorded teacher",
        ),
        (STORED, {}, "training.0.source: stored needs the teacher's log-probabilities; set sampling.logprobs"),
        (STORED, {"teacher": RECORDED, "problems": None, "sampling": None}, "training.0.source: stored needs"),
        ({"teacher": "distill"}, {}, "training.0.teacher: 'distill': a stage cannot be its own teacher"),
        ({"teacher": "wise"}, {}, "training.0.teacher: 'wise': it is no earlier stage; choose one of teacher, or give"),
        (STORED | {"teacher": "teacher"}, {}, "teacher: goes with source: on_policy"),
        (STORED | {"prompts": {"limit": 3}}, {}, "prompts: goes with source: on_policy"),
        (STORED | {"align": "gold"}, {}, "align: goes with source: on_policy"),
        ({"nll_weight": 0.5}, {}, "nll_weight: goes with source: stored"),
        ({"patience": 2, "held_out": 3}, {}, "patience: goes with source: stored"),
        ({"align": "gold", "teacher": {"path": "a/b", "server": "http://a:1"}}, {}, "align: gold needs the teacher's"),
    ],
)
def test_refusals(stage: dict[str, Any], sections: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, stage, **sections)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_enough(tmp_path: Path) -> None:
    assert loaded(tmp_path, {}).training[0].method == "distill"
    given = {"teacher": {"path": "owner/wise"}}
    assert loaded(tmp_path, given, teacher=FAKE).training[0].method == "distill"
    stored = loaded(tmp_path, STORED | {"nll_weight": 0.5, "patience": 1, "held_out": 2}, sampling=KEPT).training[0]
    assert isinstance(stored, DistillStage)
    assert [source.origin for source in stored.datasets] == ["traces"]


KEPT = {"max_tokens": 500, "logprobs": 20}


def test_a_tokenizer_is_taken_from_a_teacher_with_files(tmp_path: Path) -> None:
    tiny = load_config("configs/demo/tiny.yaml", ["student.scratch.tokenizer=teacher"])
    assert tiny.student.scratch is not None
    with pytest.raises(ConfigError, match=r"teacher\.scratch\.tokenizer: is the teacher's own"):
        load_config("configs/demo/tiny.yaml", ["teacher.scratch.tokenizer=teacher"])
    with pytest.raises(ConfigError, match=r"student\.scratch\.tokenizer: teacher needs a teacher of kind vllm"):
        load_config("configs/demo/fake.yaml", ["student.scratch.tokenizer=teacher"])

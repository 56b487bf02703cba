"""Outcome and process reward models on the CPU: what they write, that they learn, that scorers load them, and that an
interrupted training ends as a whole one."""

import math
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from dying import Killed, dying_at
from reward_makers import fit, make_process, make_reward, write_labels, write_pairs
from tokenizer_makers import SPECIAL, make_byte_tokenizer
from torch import Tensor
from transformers import Qwen3_5Config, Qwen3_5ForConditionalGeneration

from configs.scorers import OutcomeScorer, ProcessScorer
from configs.stages import RewardModelStage
from filters.scorers.models import OutcomeModel, ProcessModel
from filters.scorers.scoring import TraceText
from records.errors import InputError
from records.hashing import sha256_of
from student.methods.scoring import Collator, judge_replies, metrics_of
from student.methods.step_trainer import first_errors


def table(folder: Path, name: str) -> dict[str, list[Any]]:
    return dict(pq.read_table(folder / "training" / f"{name}.parquet").to_pydict())


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs"))


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("single"), single=True)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labels(tmp_path_factory.mktemp("labels"))


def told(*_: Any) -> None:
    """Take no notice."""


def text(says: str, at: int = 0) -> TraceText:
    return TraceText(f"{at}?", f"{at} {says}", says, closed=True)


def outcomes(folder: Path) -> list[float | None]:
    """The scores of a right and of a wrong reply."""
    scorer = OutcomeModel(OutcomeScorer(kind="outcome", path=str(folder), dtype="float32"), str(folder))
    return [scoring.outcome for scoring in scorer([text("yes"), text("no")], told)]


def test_pairs_are_learnt_and_a_scorer_loads_the_model(tiny_model: Path, pairs: Path, tmp_path: Path) -> None:
    counts = fit(tmp_path / "out", tiny_model, pairs, make_reward({"max_steps": 8, "eval_steps": 2}, held_out=2))
    assert (counts.rows, counts.held_out_rows, counts.steps, counts.dropped) == (12, 4, 8, {})
    assert counts.judged_right == 1
    right, wrong = outcomes(tmp_path / "out")
    assert right is not None
    assert wrong is not None
    assert right > wrong
    log, ledger = table(tmp_path / "out", "log"), table(tmp_path / "out", "ledger")
    assert log["loss"][0] == pytest.approx(math.log(2), abs=0.3)
    assert log["loss"][-1] < log["loss"][0]
    assert log["judged_right"][-1] == 1
    assert log["margin"][-1] > log["margin"][0]
    assert log["eval_margin"][-1] > 0
    assert log["eval_judged_right"][0] is None
    assert sum(log["loss"]) / 8 == pytest.approx(counts.loss, abs=1e-5)
    assert set(log["supervised"]) == {8}  # two replies of each of four pairs
    assert sum(log["tokens"]) == counts.tokens
    assert [ledger["step"].count(step) for step in range(1, 9)] == [8] * 8


def test_every_pair_held_out_is_evaluated_where_a_trainings_last_batch_is_dropped(
    tiny_model: Path, pairs: Path, tmp_path: Path
) -> None:
    found = []
    for drop in (False, True):
        stage = make_reward({"max_steps": 2, "eval_steps": 2, "dataloader_drop_last": drop}, held_out=2)
        fit(tmp_path / str(drop), tiny_model, pairs, stage)
        found.append(table(tmp_path / str(drop), "log")["eval_loss"][-1])
    assert found[0] is not None
    assert found[0] == found[1]


def test_single_replies_are_learnt(tiny_model: Path, single: Path, tmp_path: Path) -> None:
    stage = make_reward({"max_steps": 12, "eval_steps": 4}, labels="single", held_out=2)
    counts = fit(tmp_path / "out", tiny_model, single, stage)
    assert (counts.rows, counts.held_out_rows, counts.judged_right) == (24, 8, 1)
    right, wrong = outcomes(tmp_path / "out")
    assert right is not None
    assert wrong is not None
    assert right > 0.5 > wrong
    assert set(table(tmp_path / "out", "log")["margin"]) == {None}


def test_a_base_that_also_sees_becomes_a_reward_model(pairs: Path, tmp_path: Path) -> None:
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "head_dim": 16, "vocab_size": 300}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "layer_types": ["full_attention"]}
    sees = {"hidden_size": 16, "intermediate_size": 16, "depth": 1, "num_heads": 2, "out_hidden_size": 32}
    config = Qwen3_5Config(text_config=sizes | heads, vision_config=sees)
    Qwen3_5ForConditionalGeneration(config).save_pretrained(tmp_path / "base")
    make_byte_tokenizer(special=[*SPECIAL, "<pad>"], pad="<pad>").save_pretrained(tmp_path / "base")
    assert fit(tmp_path / "out", tmp_path / "base", pairs, make_reward({"max_steps": 1})).rows == 16
    assert None not in outcomes(tmp_path / "out")


def test_steps_are_learnt_and_a_scorer_loads_the_model(tiny_model: Path, labels: Path, tmp_path: Path) -> None:
    stage = make_process({"max_steps": 12, "eval_steps": 4}, held_out=4)
    counts = fit(tmp_path / "out", tiny_model, labels, stage)
    assert (counts.rows, counts.held_out_rows, counts.dropped) == (8, 4, {})
    assert (counts.judged_right, counts.first_errors_found) == (1, 1)
    out = str(tmp_path / "out")
    scorer = ProcessModel(ProcessScorer(kind="process", path=out, dtype="float32"), out)
    found = scorer([TraceText("1?", "yes.\nno.\n\nno.\n", "", closed=True)], told)[0].steps
    assert found[0] is not None
    assert found[1] is not None
    assert found[0] > 0.5 > found[1]
    log = table(tmp_path / "out", "log")
    assert log["eval_first_errors_found"][-1] == 1
    assert all(8 <= count <= 12 for count in log["supervised"])  # of four solutions, of two or three labels each


@pytest.mark.parametrize("method", ["reward", "process_reward"])
def test_an_interrupted_training_ends_bit_identical(
    method: str, tiny_model: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings = {"max_steps": 5, "eval_steps": 1}
    fields: dict[str, Any] = {"held_out": 2, "lora": {"r": 2, "lora_dropout": 0.2}}
    stages: dict[str, tuple[RewardModelStage, str]] = {
        "reward": (make_reward(settings, **fields), "pairs"),
        "process_reward": (make_process(settings, **fields), "labels"),
    }
    stage, fixture = stages[method]
    data = request.getfixturevalue(fixture)
    whole = fit(tmp_path / "whole", tiny_model, data, stage)
    for step in (1, 3, 5):  # before the first checkpoint, within an epoch, and after the last one
        with pytest.raises(Killed):
            fit(tmp_path / "killed", tiny_model, data, stage, dying_at(step))
    resumed = fit(tmp_path / "killed", tiny_model, data, stage)
    first, second = (sha256_of(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert first == second
    assert table(tmp_path / "whole", "ledger") == table(tmp_path / "killed", "ledger")
    assert (resumed.loss, resumed.tokens, resumed.held_out_loss) == (whole.loss, whole.tokens, whole.held_out_loss)


def test_adapters_train_the_head_and_are_merged(tiny_model: Path, pairs: Path, tmp_path: Path) -> None:
    counts = fit(tmp_path / "out", tiny_model, pairs, make_reward({"max_steps": 8}, lora={"r": 4}))
    assert counts.trainable_parameters < counts.parameters
    assert counts.merged_onto == "base"
    right, wrong = outcomes(tmp_path / "out")
    assert right is not None
    assert wrong is not None
    assert right > wrong


def test_a_step_is_a_mean_over_its_labels(tiny_model: Path, labels: Path, tmp_path: Path) -> None:
    for name, batch, steps in (("one", 4, 1), ("four", 1, 4)):
        settings = {"per_device_train_batch_size": batch, "gradient_accumulation_steps": steps, "max_steps": 2}
        fit(tmp_path / name, tiny_model, labels, make_process(settings | {"eval_steps": batch}, held_out=2))
    first, second = (table(tmp_path / name, "log")["loss"] for name in ("one", "four"))
    assert first == pytest.approx(second, abs=1e-5)


def test_training_on_last_steps_alone_still_judges_all_held_out_steps(
    tiny_model: Path, labels: Path, tmp_path: Path
) -> None:
    counted = {}
    for last in (False, True):
        settings = {"max_steps": 1, "eval_steps": 1, "learning_rate": 0, "train_on_last_step_only": last}
        fit(tmp_path / str(last), tiny_model, labels, make_process(settings, held_out=4))
        counted[last] = table(tmp_path / str(last), "log")
    whole, last_only = counted[False], counted[True]
    assert last_only["eval_loss"] == whole["eval_loss"]
    assert last_only["eval_judged_right"] == whole["eval_judged_right"]
    assert last_only["loss"] != whole["loss"]


def test_long_replies_are_left_out_and_never_cut(tiny_model: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"16 of 16 rows cannot be trained on.*16 too_long"):
        fit(tmp_path / "out", tiny_model, pairs, make_reward(max_length=16))


def test_a_batch_of_pairs_has_the_better_replies_first() -> None:
    def one(row: int, *texts: list[int]) -> dict[str, Any]:
        return {"row": row, "input_ids": texts, "at": [[], []], "targets": [[1.0], [0.0]]}

    batch = Collator(9)([one(5, [1], [2, 3]), one(6, [4, 5, 6], [7])])
    assert batch["input_ids"].tolist() == [[1, 9, 9], [4, 5, 6], [2, 3, 9], [7, 9, 9]]
    assert batch["attention_mask"].sum(1).tolist() == [1, 3, 2, 1]
    assert batch["rows"].tolist() == [5, 6]
    assert batch["targets"].tolist() == [1, 1, 0, 0]


def test_first_errors() -> None:
    def count(labels: list[float], said: list[bool]) -> dict[str, float]:
        return first_errors(torch.zeros(len(labels)), Tensor(labels), torch.tensor(said))

    assert count([1, 0, 1], [True, False, True]) == {"solutions": 1, "found": 1}
    assert count([1, 0, 1], [True, True, False]) == {"solutions": 1, "found": 0}
    assert count([1, 1], [True, True]) == {"solutions": 1, "found": 1}
    assert count([1, 1], [True, False]) == {"solutions": 1, "found": 0}
    assert count([1, 0, math.nan], [True, False, False]) == {"solutions": 1, "found": 1}
    assert count([math.nan, 0], [True, False]) == {"solutions": 0, "found": 0}
    assert count([1, 0.5], [True, False]) == {"solutions": 1, "found": 1}


def test_a_reply_is_called_right_by_the_sign_of_its_score() -> None:
    scores = torch.tensor([[0.0], [0.1], [-0.1], [2.0]])
    inputs = {name: torch.zeros(4, 3) for name in ("input_ids", "attention_mask")}
    found = judge_replies(
        lambda **_: SimpleNamespace(logits=scores), inputs | {"targets": torch.tensor([0.0, 1, 0, 0])}
    )
    assert (found.items, found.sums) == (4, {"right": 3, "judged": 4})
    chances = torch.sigmoid(scores[:, 0])
    wanted = -(torch.stack([1 - chances[0], chances[1], 1 - chances[2], 1 - chances[3]])).log().sum()
    torch.testing.assert_close(found.loss, wanted)


def test_metrics_are_over_what_there_was() -> None:
    assert metrics_of(Counter({"right": 3, "judged": 4, "margin": 0, "pairs": 2})) == {
        "judged_right": 0.75,
        "margin": 0,
    }

"""Held-out problems: no problem on both sides, evaluation while training, the best checkpoint, an early end."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from torch.nn.functional import cross_entropy
from training_makers import answers, fit, make_row, make_training
from transformers import AutoModelForCausalLM, AutoTokenizer

from configs.training import Training
from records.errors import InputError
from records.hashing import sha256_of
from records.parquet import write_rows
from records.schemas import DATASET
from student.data.mixing import Mix, Part, mix
from student.data.rendering import RowRenderer
from student.methods.held_out import accuracy, filled_share


def write_problems(folder: Path, problems: int, each: int = 2) -> Path:
    """Write several rows for every problem."""
    folder.mkdir()
    contents = answers(problems * each)
    rows = [make_row(f"{at % problems}?", one, f"p{at % problems}", at) for at, one in enumerate(contents)]
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder


def mixed(parts: list[Part], training: Training, model: Path, cache: Path) -> Mix:
    return mix(parts, training, (False, False), RowRenderer(AutoTokenizer.from_pretrained(model)), cache)


def problems_of(found: Mix, packs: list[list[int]]) -> set[str]:
    return {found.rows[row]["problem_id"] for pack in packs for row in pack}


@pytest.mark.parametrize(("held_out", "count"), [(0, 0), (0.1, 1), (0.3, 3), (1, 1), (4, 4), (9, 9)])
def test_a_problem_is_on_one_side(held_out: float, count: int, tiny_model: Path, tmp_path: Path) -> None:
    parts = [Part(write_problems(tmp_path / "a", 10)), Part(write_problems(tmp_path / "b", 8))]
    found = mixed(parts, make_training(held_out=held_out), tiny_model, tmp_path / "cache")
    trained, kept = problems_of(found, found.train), problems_of(found, found.held_out)
    assert len(kept) == count
    assert not trained & kept
    assert len(trained | kept) == 10
    assert len(found.train) + len(found.held_out) == 36, "of both datasets"


def test_the_seed_decides_and_more_problems_move_none(tiny_model: Path, tmp_path: Path) -> None:
    few, more = Part(write_problems(tmp_path / "few", 10)), Part(write_problems(tmp_path / "more", 12))

    def held_out(part: Part, seed: int, share: float) -> set[str]:
        found = mixed([part], make_training(held_out=share, seed=seed), tiny_model, tmp_path / "cache")
        return problems_of(found, found.held_out)

    assert held_out(few, 0, 5) == held_out(few, 0, 5)
    assert len({frozenset(held_out(few, seed, 5)) for seed in range(4)}) > 1
    assert held_out(few, 0, 4) < held_out(few, 0, 5)
    assert held_out(more, 0, 6) & {f"p{at}" for at in range(10)} <= held_out(few, 0, 6)


def test_all_held_out_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    part = Part(write_problems(tmp_path / "a", 4))
    with pytest.raises(InputError, match="held_out: 4 of 4 problems leave none"):
        mixed([part], make_training(held_out=4), tiny_model, tmp_path / "cache")


def test_the_best_checkpoint_is_kept_and_training_ends_early(tiny_model: Path, tmp_path: Path) -> None:
    data = write_problems(tmp_path / "data", 12)
    settings: dict[str, Any] = {"max_steps": 60, "save_steps": 3, "learning_rate": 0.05}
    training = make_training(settings, held_out=0.25, patience=2)
    whole = fit(tmp_path / "whole", tiny_model, data, training)
    assert whole.steps < 60
    assert whole.best_step == whole.steps - 6, "two evaluations without a better one"
    log = pq.read_table(tmp_path / "whole" / "training" / "log.parquet").to_pydict()
    losses = {step: loss for step, loss in zip(log["step"], log["eval_loss"], strict=True) if loss is not None}
    assert whole.held_out_loss == pytest.approx(min(losses.values()), abs=1e-5)
    assert min(losses, key=lambda step: losses[step]) == whole.best_step

    # Killed after it had stopped, and before its weights were written, it must not train on.
    before = sha256_of(tmp_path / "whole" / "model.safetensors")
    again = fit(tmp_path / "whole", tiny_model, data, training)
    assert again == whole
    assert sha256_of(tmp_path / "whole" / "model.safetensors") == before


def test_without_the_best_checkpoint_the_last_evaluation_is_told(tiny_model: Path, tmp_path: Path) -> None:
    """transformers remembers a best step wherever it watches a metric, and saves the last weights all the same."""
    data = write_problems(tmp_path / "data", 12)
    settings: dict[str, Any] = {"max_steps": 8, "eval_steps": 1, "learning_rate": 0.05, "metric_for_best_model": "loss"}
    counts = fit(tmp_path / "out", tiny_model, data, make_training(settings, held_out=0.25))
    losses = pq.read_table(tmp_path / "out" / "training" / "log.parquet")["eval_loss"].drop_null().to_pylist()
    assert min(losses) < losses[-1]
    assert (counts.best_step, counts.held_out_loss) == (None, pytest.approx(losses[-1], abs=1e-5))


def test_weights_that_have_learnt_nothing_are_not_the_best_with_dft(tiny_model: Path, tmp_path: Path) -> None:
    """It weighs each token by its probability, so that its loss grows while a model from random weights learns."""
    settings = {"max_steps": 6, "eval_steps": 2, "loss_type": "dft", "load_best_model_at_end": True}
    counts = fit(
        tmp_path / "out", tiny_model, write_problems(tmp_path / "data", 12), make_training(settings, held_out=3)
    )
    log = pq.read_table(tmp_path / "out" / "training" / "log.parquet").to_pydict()
    assert log["loss"][5] > log["loss"][0]
    assert counts.best_step == 6


@pytest.mark.parametrize("loss", ["nll", "dft"])
def test_the_held_out_loss_is_the_mean_over_all_answers_tokens(loss: str, tiny_model: Path, tmp_path: Path) -> None:
    """Counted anew from the saved weights, row by row; batches of unlike rows would have another mean of means."""
    settings = {"max_steps": 2, "eval_steps": 1, "per_device_eval_batch_size": 2, "loss_type": loss}
    training = make_training(settings, held_out=5)
    data = write_problems(tmp_path / "data", 12, each=1)
    counts = fit(tmp_path / "out", tiny_model, data, training)
    found = mixed([Part(data)], training, tiny_model, tmp_path / "cache")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype="float32").eval()
    losses = []
    for pack in found.dataset(found.held_out):
        tokens, labels = (torch.tensor(pack[name][None]) for name in ("input_ids", "labels"))
        with torch.no_grad():
            each = cross_entropy(model(tokens).logits[0, :-1], labels[0, 1:], reduction="none")
        losses.append(each[labels[0, 1:] >= 0])
    assert len({len(one) for one in losses}) > 1, "rows of unlike lengths"
    assert len(losses) == 5
    assert counts.held_out_loss == pytest.approx(float(torch.cat(losses).mean()), abs=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("items", [1, 2, 3, 4, 6, 7])
def test_all_processes_answer_equally_many_and_every_item_counts_once(items: int, count: int) -> None:
    shares = [filled_share(range(items), rank, count) for rank in range(count)]
    assert {len(mine) for mine, _ in shares} == {-(-items // count)}
    assert sorted(one for mine, filling in shares for one in mine[: len(mine) - filling]) == list(range(items))


def test_what_cannot_be_judged_does_not_count() -> None:
    assert accuracy([True, None, False, True]) == 2 / 3
    assert accuracy([None]) is None

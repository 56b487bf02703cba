"""Off-policy distillation of stored log-probabilities on the CPU: which rows it takes, and what it minimizes."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from distill_makers import SETTINGS, write_pair
from training_makers import fit, make_row, write_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

from configs.stages import DistillStage
from records.errors import InputError
from records.hashing import sha256_of
from records.logprob_files import DATASET_WITH_LOGPROBS, write_with_logprobs
from records.logprobs import TokenLogprobs, of_lists, put_there
from records.vocabulary import vocabulary_hash
from student.data.preflight import run_preflight
from student.data.rendering import IGNORED, RowRenderer
from student.data.stored_preflight import with_stored
from student.data.student_files import StudentOrigin

CONTENTS = [f"<think>\n{at} + 1 = {at + 1}\n</think>\n\n\\boxed{{{at + 1}}}" for at in range(8)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_pair(tmp_path_factory.mktemp("pair"), 288, 300)


def stage(settings: dict[str, Any] | None = None, **fields: Any) -> DistillStage:
    plain = {name: value for name, value in SETTINGS.items() if name != "max_completion_length"}
    given = {"source": "stored", "max_length": 128, "settings": plain | (settings or {})}
    return DistillStage.model_validate({"method": "distill", "dtype": "float32"} | given | fields)


def labels_of(model: Path, row: dict[str, Any]) -> tuple[list[int], list[int]]:
    rendered = RowRenderer(AutoTokenizer.from_pretrained(model)).render(row["messages"], row["problem_id"])
    return rendered.input_ids, [label for label in rendered.labels if label != IGNORED]


def stored_for(pair: tuple[Path, Path], row: dict[str, Any], k: int) -> TokenLogprobs:
    """What the teacher itself says of the tokens of a row, of the ids that are tokens."""
    ids, own = labels_of(pair[0], row)
    tokenizer, teacher = AutoTokenizer.from_pretrained(pair[1]), AutoModelForCausalLM.from_pretrained(pair[1])
    with torch.no_grad():
        logits = teacher(torch.tensor([ids])).logits[0, -len(own) - 1 : -1, : len(tokenizer)]
    top, where = logits.log_softmax(-1).topk(k, -1)
    drawn = logits.log_softmax(-1).gather(-1, torch.tensor(own)[:, None])
    return of_lists(vocabulary_hash(tokenizer), own, drawn[:, 0].tolist(), where.tolist(), top.tolist())


def write_stored(folder: Path, pair: tuple[Path, Path], k: int = 20, broken: dict[int, Any] | None = None) -> Path:
    folder.mkdir()
    rows = [make_row(f"{at}?", content, str(at)) for at, content in enumerate(CONTENTS)]
    found = [(row, stored_for(pair, row, k)) for row in rows]
    for at, change in (broken or {}).items():
        found[at] = (rows[at], change(found[at][1]))
    write_with_logprobs(folder / "train.parquet", found, DATASET_WITH_LOGPROBS)
    return folder


def learn(folder: Path, pair: tuple[Path, Path], data: Path, config: DistillStage) -> Any:
    return fit(folder, pair[0], data, config, nll_weight=config.nll_weight)


def log_of(folder: Path) -> dict[str, list[Any]]:
    return dict(pq.read_table(folder / "training" / "log.parquet").to_pydict())


@pytest.mark.parametrize("packing", [False, True])
def test_with_the_whole_vocabulary_it_minimizes_the_exact_divergence(
    packing: bool, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    size = len(AutoTokenizer.from_pretrained(pair[0]))
    data = write_stored(tmp_path / "data", pair, size)
    settings = {"packing": packing, "max_steps": 1, "per_device_train_batch_size": 1 if packing else 4}
    counts = learn(tmp_path / "out", pair, data, stage(settings))
    rows = [int(one) for one in pq.read_table(tmp_path / "out/training/ledger.parquet")["problem_id"].to_pylist()]
    student, teacher = (AutoModelForCausalLM.from_pretrained(one) for one in pair)
    total, count = 0.0, 0
    for at in rows:
        ids, own = labels_of(pair[0], make_row(f"{at}?", CONTENTS[at], str(at)))
        with torch.no_grad():
            both = [
                m(torch.tensor([ids])).logits[0, -len(own) - 1 : -1, :size].log_softmax(-1) for m in (student, teacher)
            ]
        total += float(torch.nn.functional.kl_div(*both, reduction="sum", log_target=True))
        count += len(own)
    assert counts.supervised_tokens == count
    assert log_of(tmp_path / "out")["loss"][0] == pytest.approx(total / count, rel=2e-3)


def test_rows_that_the_logprobs_do_not_fit_are_left_out_and_counted(pair: tuple[Path, Path], tmp_path: Path) -> None:
    def other_tokens(one: TokenLogprobs) -> TokenLogprobs:
        ids = one.token_ids.copy()
        ids[0] += 1
        return TokenLogprobs(one.vocabulary, ids, one.logprobs, one.top_ids, one.top_logprobs)

    def prefilled(one: TokenLogprobs) -> TokenLogprobs:
        parts = zip(one.arrays, one.arrays, strict=True)
        return TokenLogprobs(one.vocabulary, *(np.concatenate([a[:1], b]) for a, b in parts))

    broken = {
        0: other_tokens,
        1: lambda one: None,
        2: lambda one: TokenLogprobs("0" * 16, *one.arrays),
        3: prefilled,  # the teacher drew one token more before those that the student learns
        4: lambda one: put_there(one.vocabulary, one.token_ids, one.k),
        5: lambda one: one.first(0),
        6: lambda one: one.first(3),
    }
    data = write_stored(tmp_path / "data", pair, broken=broken)
    config = stage(drop_at_most=0.7)
    counts = learn(tmp_path / "out", pair, data, config)
    left_out = {"no_logprobs": 3, "other_tokens": 1, "other_vocabulary": 1}
    assert (counts.rows, counts.dropped) == (3, left_out)
    origin = StudentOrigin(str(pair[0]))
    before = run_preflight([data], origin, "visible", config, lambda *_: None, 1)
    found = with_stored(before, [data], origin, "visible", config)
    assert (found.trained, {name: one.rows for name, one in found.dropped.items()}) == (3, left_out)
    assert found.refusals == []
    refused = with_stored(before, [data], origin, "visible", stage())
    assert any("5 of 8 rows cannot be trained on" in refusal for refusal in refused.refusals)


def test_a_dataset_without_logprobs_says_what_to_set(pair: tuple[Path, Path], tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", CONTENTS)
    with pytest.raises(InputError, match=r"set sampling\.logprobs"):
        learn(tmp_path / "out", pair, data, stage())


def test_an_interrupted_training_ends_bit_identical(pair: tuple[Path, Path], tmp_path: Path) -> None:
    data, config = write_stored(tmp_path / "data", pair), stage({"max_steps": 5}, nll_weight=0.3, held_out=2)

    class Killed(BaseException):
        pass

    def dying(done: int, total: int | None, note: str = "", **_: Any) -> None:
        if done == 3 and not note:
            raise Killed

    whole = learn(tmp_path / "whole", pair, data, config)
    with pytest.raises(Killed):
        fit(tmp_path / "killed", pair[0], data, config, dying, nll_weight=0.3)
    resumed = learn(tmp_path / "killed", pair, data, config)
    first, second = (sha256_of(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert first == second
    assert whole.held_out_loss == resumed.held_out_loss is not None
    log = log_of(tmp_path / "whole")
    assert all(value is not None for name in ("entropy", "mean_token_accuracy") for value in log[name])

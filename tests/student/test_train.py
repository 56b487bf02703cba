"""The trainer on the CPU: what it writes, which rows it takes, and an interrupted training that ends as a whole one."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from dying import Killed, dying_at
from safetensors.torch import load_file
from training_makers import answers, fit, make_row, make_training, write_dataset
from transformers import AutoTokenizer

from records.errors import InputError
from records.hashing import sha256_of
from records.parquet import write_rows
from records.schemas import DATASET
from student.data.mixing import Part
from student.data.preflight import run_preflight
from student.data.student_files import StudentOrigin
from student.methods.checkpoints import WHOLE, mark_whole, newest_checkpoint


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def ledger(folder: Path) -> list[tuple[int, str]]:
    table = pq.read_table(folder / "training" / "ledger.parquet").to_pydict()
    return list(zip(table["step"], table["problem_id"], strict=True))


def test_weights_tokenizer_and_generation_config_come_out(tiny_model: Path, tmp_path: Path) -> None:
    counts = fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)))
    assert (counts.rows, counts.steps, counts.dropped, counts.packs) == (8, 6, {}, None)
    assert counts.parameters == counts.trainable_parameters
    before, after = weights(tiny_model), weights(tmp_path / "out")
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert AutoTokenizer.from_pretrained(tmp_path / "out").eos_token == "<|im_end|>"
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"config.json", "generation_config.json", "chat_template.jinja", "training"} <= names
    log = pq.read_table(tmp_path / "out" / "training" / "log.parquet").to_pydict()
    assert log["step"] == [1, 2, 3, 4, 5, 6]
    assert sum(log["loss"]) / 6 == pytest.approx(counts.loss, abs=1e-5)
    assert sum(log["supervised"]) == counts.supervised_tokens < counts.tokens == sum(log["tokens"])
    assert all(rate > 0 for rate in log["tokens_per_s"])


def test_a_config_is_the_base_s_but_for_its_tokens(tiny_model: Path, tmp_path: Path) -> None:
    """The trainers change some of its fields for their own time, such as the cache."""
    base = tmp_path / "base"
    shutil.copytree(tiny_model, base)
    given = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(given | {"return_dict": False}))
    fit(tmp_path / "out", base, write_dataset(tmp_path / "data", answers(8)))
    found = json.loads((tmp_path / "out" / "config.json").read_text())
    changed = {name for name in given.keys() | found.keys() if given.get(name) != found.get(name)}
    assert changed <= {"eos_token_id", "pad_token_id", "transformers_version"}


def test_long_rows_are_dropped_whole_and_counted(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [*answers(4), "<think>\n" + "no " * 500 + "\n</think>\n\n\\boxed{1}"])
    counts = fit(tmp_path / "out", tiny_model, data, make_training(drop_at_most=0.2))
    assert (counts.rows, counts.dropped) == (4, {"too_long": 1})
    with pytest.raises(InputError, match=r"1 of 5 rows .* 1 too_long \(first: problem_id 4, sample_index 0\)"):
        fit(tmp_path / "refused", tiny_model, data, make_training(drop_at_most=0.19))


def test_more_dropped_rows_than_allowed_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [*answers(4), "<think>\na\n</think>\n\n"])
    with pytest.raises(InputError, match=r"1 of 5 rows .* 1 no_answer \(first: problem_id 4, sample_index 0\)"):
        fit(tmp_path / "out", tiny_model, data, make_training(drop_at_most=0.19))


def test_nothing_that_fits_says_what_to_raise(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", ["<think>\n" + "no " * 500 + "\n</think>\n\n\\boxed{1}"])
    with pytest.raises(InputError, match=r"1 of 1 rows cannot.*too_long.*raise training.max_length"):
        fit(tmp_path / "out", tiny_model, data)


def test_a_dataset_without_rows_or_files_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no rows"):
        fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", []))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no \*.parquet files"):
        fit(tmp_path / "out", tiny_model, tmp_path / "empty")


@pytest.mark.parametrize("how", [{}, {"packing": True}, {"train_sampling_strategy": "group_by_length"}])
def test_an_interrupted_training_ends_bit_identical(how: dict[str, Any], tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(12))
    training = make_training({"gradient_accumulation_steps": 2, "max_steps": 7, **how})
    whole = fit(tmp_path / "whole", tiny_model, data, training)

    killed = tmp_path / "killed"
    for step in (1, 3, 6):  # before the first checkpoint, and in later epochs
        with pytest.raises(Killed):
            fit(killed, tiny_model, data, training, dying_at(step))
    checkpoints = killed / ".work" / "checkpoints"
    assert (checkpoints / "checkpoint-4" / WHOLE).exists()
    (checkpoints / "checkpoint-5").mkdir()  # torn: the process died while it was written
    resumed = fit(killed, tiny_model, data, training)
    assert sha256_of(tmp_path / "whole" / "model.safetensors") == sha256_of(killed / "model.safetensors")
    assert ledger(tmp_path / "whole") == ledger(killed)
    assert (resumed.loss, resumed.tokens, resumed.steps) == (whole.loss, whole.tokens, 7)


def test_fewer_rows_than_a_batch_are_refused_where_batches_must_be_full(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(3))
    settings = {"per_device_train_batch_size": 4, "dataloader_drop_last": True}
    with pytest.raises(InputError, match="3 rows fill no batch, and dataloader_drop_last"):
        fit(tmp_path / "out", tiny_model, data, make_training(settings))


def test_killed_after_the_last_checkpoint_takes_no_further_step(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    training = make_training({"lr_scheduler_type": "constant"})
    first = fit(tmp_path / "out", tiny_model, data, training)
    before = sha256_of(tmp_path / "out" / "model.safetensors")
    (tmp_path / "out" / "model.safetensors").unlink()  # as if the process died before it was written
    again = fit(tmp_path / "out", tiny_model, data, training)
    assert sha256_of(tmp_path / "out" / "model.safetensors") == before
    assert again == first


def test_newest_whole_checkpoint(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None
    for step in (2, 10, 12):
        (tmp_path / f"checkpoint-{step}").mkdir()
    (tmp_path / "checkpoint-2" / WHOLE).touch()
    (tmp_path / "checkpoint-10" / WHOLE).touch()
    (tmp_path / "checkpoint-12" / "trainer_state.json").write_text("{}")
    for foreign in ("checkpoint-x", "checkpoint-"):  # nobody's, as the file and the link are
        (tmp_path / foreign).mkdir()
    (tmp_path / "checkpoint-98").touch()
    (tmp_path / "checkpoint-99").symlink_to(tmp_path / "checkpoint-2")
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert not (tmp_path / "checkpoint-12").exists()


def test_every_epoch_trains_on_every_row_once(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(10))
    training = make_training({"max_steps": -1, "num_train_epochs": 2, "packing": True, "save_steps": 100})
    counts = fit(tmp_path / "out", tiny_model, data, training)
    assert counts.packs is not None
    assert counts.packs < 10
    trained = [problem for _, problem in ledger(tmp_path / "out")]
    assert sorted(trained[:10]) == sorted(trained[10:]) == sorted(str(at) for at in range(10))
    assert trained[:10] != trained[10:]


def test_weights_and_epochs_of_datasets(tiny_model: Path, tmp_path: Path) -> None:
    first, second = write_dataset(tmp_path / "a", answers(10)), tmp_path / "b"
    second.mkdir()
    write_rows(second / "b.parquet", [make_row("x?", answers(1)[0], f"b{at}") for at in range(3)], DATASET)
    parts = [Part(first, weight=0.4), Part(second, epochs=2)]
    training = make_training({"max_steps": -1, "num_train_epochs": 1})
    counts = fit(tmp_path / "out", tiny_model, parts, training)
    trained = [problem for _, problem in ledger(tmp_path / "out")]
    assert counts.rows == 7
    assert sorted(name for name in trained if name.startswith("b")) == ["b0", "b0", "b1", "b1", "b2", "b2"]
    others = [name for name in trained if not name.startswith("b")]
    assert len(others) == len(set(others)) == 4
    fit(tmp_path / "again", tiny_model, parts, training)
    assert ledger(tmp_path / "again") == ledger(tmp_path / "out")

    origin = StudentOrigin(str(tiny_model))
    found = run_preflight([first, second], origin, "visible", training, lambda *_: None, times=[0.4, 2])
    assert found.cost is not None
    assert found.cost.tokens == pytest.approx(counts.tokens, rel=0.1)  # every row once: 1.3 times as many


def test_saved_in_the_students_type(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(4))
    training = make_training({"max_steps": 1})
    for dtype, saved in (("bfloat16", torch.bfloat16), ("auto", torch.float32)):
        counts = fit(tmp_path / dtype, tiny_model, data, training, dtype=dtype)
        assert {weight.dtype for weight in weights(tmp_path / dtype).values()} == {saved}
        assert counts.dtype == str(saved).removeprefix("torch.")


def test_a_training_that_is_all_warm_up_says_so(tiny_model: Path, tmp_path: Path) -> None:
    data, notes = write_dataset(tmp_path / "data", answers(4)), list[str]()
    training = make_training({"max_steps": 1, "warmup_steps": 0.05})
    fit(tmp_path / "out", tiny_model, data, training, lambda *_, note="", **__: notes.append(note))
    assert "all 1 steps are warm-up: nothing is learnt (warmup_steps)" in notes
    before, after = weights(tiny_model), weights(tmp_path / "out")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_every_row_held_out_is_evaluated_where_a_trainings_last_batch_is_dropped(
    tiny_model: Path, tmp_path: Path
) -> None:
    data = write_dataset(tmp_path / "data", answers(11))
    found = [
        fit(
            tmp_path / str(drop),
            tiny_model,
            data,
            make_training({"dataloader_drop_last": drop, "max_steps": 2}, held_out=3),
        )
        for drop in (False, True)
    ]
    assert found[0].held_out_loss == found[1].held_out_loss


def test_older_checkpoints_stay_until_the_newer_one_is_whole(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older one has the best weights so far, from the sight of what a killed training continues from."""
    there: list[list[str]] = []

    def marked(checkpoint: Path, *given: str) -> None:
        there.append(sorted(one.name for one in checkpoint.parent.glob("checkpoint-*")))
        mark_whole(checkpoint, *given)

    monkeypatch.setattr("student.methods.trainer.mark_whole", marked)
    data = write_dataset(tmp_path / "data", answers(8))
    fit(tmp_path / "out", tiny_model, data, make_training({"save_total_limit": 1}))
    assert there == [["checkpoint-2"], ["checkpoint-2", "checkpoint-4"], ["checkpoint-4", "checkpoint-6"]]
    assert [one.name for one in (tmp_path / "out" / ".work" / "checkpoints").glob("checkpoint-*")] == ["checkpoint-6"]

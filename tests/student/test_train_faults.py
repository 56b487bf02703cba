"""What can go wrong in a training ends in one clear line, and nothing half written is taken for whole."""

import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from dying import Killed, dying_at
from safetensors.torch import load_file, save_file
from training_makers import answers, fit, make_training, write_dataset

from records.errors import InputError
from records.hashing import sha256_of
from records.journal_lines import lined
from student.methods.checkpoints import PLAIN, WHOLE, mark_of, mark_whole, newest_checkpoint
from student.methods.journal import Journal, Step, check_rows

WEIGHTS = "model.safetensors"


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_loss_that_is_no_number_ends_the_training(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    with pytest.raises(InputError, match=r"(the loss became nan at step \d|the weights became).*learning_rate"):
        fit(tmp_path / "out", tiny_model, data, make_training({"learning_rate": 1e30, "max_grad_norm": 0}))
    assert not (tmp_path / "out" / WEIGHTS).exists()


@pytest.mark.parametrize("share", [0.5, 1.5], ids=["weights", "optimizer"])
def test_a_full_disk_is_told_and_the_training_continues(share: float, tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    fit(tmp_path / "whole", tiny_model, data)
    size = (tiny_model / WEIGHTS).stat().st_size
    with largest_file(int(share * size)), pytest.raises(InputError, match=r"cannot be written .* free space"):
        fit(tmp_path / "full", tiny_model, data)
    assert not (tmp_path / "full" / WEIGHTS).exists()
    fit(tmp_path / "full", tiny_model, data)
    assert sha256_of(tmp_path / "full" / WEIGHTS) == sha256_of(tmp_path / "whole" / WEIGHTS)


def other_shape(weights: Path) -> None:
    tensors = load_file(weights)
    save_file({name: tensor[..., :-1].contiguous() for name, tensor in tensors.items()}, weights, {"format": "pt"})


def test_a_checkpoint_of_another_shape_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    fit(tmp_path / "out", tiny_model, data)
    shutil.rmtree(tmp_path / "out" / ".work" / "checkpoints" / "checkpoint-6")
    checkpoint = tmp_path / "out" / ".work" / "checkpoints" / "checkpoint-4"
    other_shape(checkpoint / WEIGHTS)
    mark_whole(checkpoint, PLAIN, mark_of(checkpoint)["steps"])
    with pytest.raises(InputError, match=r"checkpoint-4: does not fit the model; delete .*"):
        fit(tmp_path / "out", tiny_model, data)


def test_a_base_of_another_shape_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "base")
    other_shape(tmp_path / "base" / WEIGHTS)
    with pytest.raises(InputError, match="base: cannot be loaded for training"):
        fit(tmp_path / "out", tmp_path / "base", write_dataset(tmp_path / "data", answers(4)))


def test_an_adapter_of_another_architecture_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(4))
    training = make_training({"max_steps": 1}, lora={"r": 4})
    fit(tmp_path / "lora", tiny_model, data, training)
    adapter = tmp_path / "lora" / "adapter"
    other_shape(adapter / "adapter_model.safetensors")
    with pytest.raises(InputError, match=r"adapter: "):
        fit(tmp_path / "out", adapter, data, training)


def test_a_base_without_template_or_stop_token_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(4))
    shutil.copytree(tiny_model, tmp_path / "base")
    (tmp_path / "base" / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        fit(tmp_path / "out", tmp_path / "base", data)
    (tmp_path / "base" / "chat_template.jinja").write_text("{% for m in messages %}{{ m.content }}{% endfor %}")
    config = tmp_path / "base" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"eos_token": None}))
    with pytest.raises(InputError, match="no eos_token"):
        fit(tmp_path / "out", tmp_path / "base", data)


def test_no_model_at_the_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model that loads"):
        fit(tmp_path / "out", tmp_path / "nothing", write_dataset(tmp_path / "data", answers(4)))


def interrupted(tiny_model: Path, folder: Path) -> Path:
    """Return the work folder of a training of six steps that was interrupted after its fifth."""
    data = write_dataset(folder / "data", answers(8))
    with pytest.raises(Killed):
        fit(folder / "out", tiny_model, data, progress=dying_at(5))
    return folder / "out" / ".work"


def test_a_checkpoint_that_was_changed_is_not_continued(tiny_model: Path, tmp_path: Path) -> None:
    """transformers passes over a missing state of the optimizer, the scheduler or the random numbers without a word,
    and the weights become others."""
    work = interrupted(tiny_model, tmp_path)
    checkpoint = newest_checkpoint(work / "checkpoints")
    assert checkpoint is not None
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", WEIGHTS):
        file = checkpoint / name
        before = file.read_bytes()
        for content in (None, before[:-1], b""):
            file.unlink()
            if content is not None:
                file.write_bytes(content)
            with pytest.raises(InputError, match=r"checkpoint-4: changed since it was written; delete it to continue"):
                fit(tmp_path / "out", tiny_model, tmp_path / "data")
            file.write_bytes(before)
    for mark in (b"", b"[]", b"{}", b"[" * 100_000, b"\xff"):
        (checkpoint / WHOLE).write_bytes(mark)
        with pytest.raises(InputError, match=r"whole: broken; delete .*checkpoint-4 to continue"):
            fit(tmp_path / "out", tiny_model, tmp_path / "data")
    shutil.rmtree(checkpoint)
    fit(tmp_path / "whole", tiny_model, tmp_path / "data")
    fit(tmp_path / "out", tiny_model, tmp_path / "data")
    assert sha256_of(tmp_path / "out" / WEIGHTS) == sha256_of(tmp_path / "whole" / WEIGHTS)


def test_a_journal_tells_every_step_before_the_checkpoint(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for step in (1, 2, 3):
        journal.append(Step(step, [0], 1.0, 8, 4, 0.1))
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(lines) + lines[2][:9])
    journal.cut(3)
    journal.cut(2)
    assert journal.path.read_bytes() == b"".join(lines[:2])
    for damaged in (lines[1:2], lines[:1], [lines[1], lines[0]], [lines[0], lines[0], lines[1]], []):
        journal.path.write_bytes(b"".join(damaged))
        with pytest.raises(InputError, match=r"does not tell each of the 2 steps .* delete"):
            journal.cut(2)
    for line in (
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b'{"step": "x"}',
        changed(rows=[-1]),
        changed(loss=float("nan")),
        changed(tokens=-1),
        changed(x=1),
    ):
        journal.path.write_bytes(lines[0] + lined(line))
        with pytest.raises(InputError, match=r"line 2 is no step of a training; delete"):
            journal.cut(1)
    journal.path.write_bytes(lines[0] + lines[1].replace(b'"tokens": 8', b'"tokens": 9'))
    with pytest.raises(InputError, match=r"line 2 is no step of a training; delete"):
        journal.cut(2)
    journal.path.unlink()
    journal.cut(0)


def changed(**values: object) -> bytes:
    return json.dumps(asdict(Step(2, [0], 1.0, 8, 4, 0.1)) | values).encode()


def test_the_journal_of_another_training_is_not_continued(tiny_model: Path, tmp_path: Path) -> None:
    work = interrupted(tiny_model, tmp_path)
    journal = Journal(work)
    steps = list(journal.steps())
    journal.path.unlink()
    for step in steps:  # right in every checksum, and in the order of its steps
        journal.append(replace(step, rows=[0, 1]))
    with pytest.raises(InputError, match=r"checkpoint-4: was trained on other steps than the journal beside it tells"):
        fit(tmp_path / "out", tiny_model, tmp_path / "data")


def test_rows_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    check_rows(tmp_path, [Step(1, [0, 2], 1.0, 8, 4, 0.1)], 3)
    with pytest.raises(InputError, match="its journal names rows that it has not; delete"):
        check_rows(tmp_path, [Step(1, [0, 3], 1.0, 8, 4, 0.1)], 3)


def test_a_link_in_place_of_a_journal_is_not_written_to(tmp_path: Path) -> None:
    journal, victim = Journal(tmp_path), tmp_path / "victim"
    victim.touch()
    journal.path.symlink_to(victim)
    with pytest.raises(InputError, match=r"steps\.jsonl: is a link"):
        journal.append(Step(1, [0], 1.0, 8, 4, 0.1))
    assert victim.read_bytes() == b""

"""Training by rewards on the CPU: what it writes, and an interrupted one that ends as a whole one."""

import itertools
import shutil
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from dying import Killed, dying_at
from grpo_makers import STUDENT, by_length, judging_by, make_grpo, reward, write_prompts
from safetensors.torch import load_file
from tokenizer_makers import SPECIAL, make_byte_tokenizer

from configs.models import MixedReasoning
from records.errors import InputError
from records.hashing import sha256_of
from records.rendering import Renderer
from records.rows import Trace
from student.data.reasoning import is_no_think
from student.methods import signal_watch
from student.methods.checkpoints import PLAIN, mark_of, mark_whole
from student.methods.grpo_trainer import text_of


def ledger(folder: Path) -> list[dict[str, Any]]:
    return pq.read_table(folder / "training" / "ledger.parquet").to_pylist()


def log(folder: Path) -> dict[str, list[Any]]:
    return pq.read_table(folder / "training" / "log.parquet").to_pydict()


def test_what_comes_out(tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 10)
    told: list[dict[str, float]] = []
    config = make_grpo({"eval_steps": 2, "beta": 0.1}, held_out=2)
    counts = reward(tmp_path / "out", tiny_model, prompts, config, lambda *_, **told_now: told.append(told_now))
    assert (counts.steps, counts.held_out_rows, counts.dropped, counts.packs) == (4, 2, {}, None)
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny_model, tmp_path / "out"))
    assert any(not torch.equal(before[name], after[name]) for name in before)

    entries = ledger(tmp_path / "out")
    assert [entry["step"] for entry in entries] == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    assert {entry["reward"] for entry in entries} == {0.0, 1.0}  # none for the format: all are cut off
    assert counts.rows == len({entry["problem_id"] for entry in entries}) == 4
    by_problem = Counter(entry["problem_id"] for entry in entries)
    assert set(by_problem.values()) == {4}

    found = log(tmp_path / "out")
    assert found["step"] == [0, 1, 2, 3, 4]
    assert [value is not None for value in found["eval_accuracy"]] == [True, False, True, False, True]
    drawn = [1, 3]  # of every second step: two steps are trained on what was drawn at once
    assert [at for at, value in enumerate(found["reward"]) if value is not None] == drawn
    for at, steps in zip(drawn, ((1, 2), (3, 4)), strict=True):
        rewards = [entry["reward"] for entry in entries if entry["step"] in steps]
        assert found["reward"][at] == pytest.approx(sum(rewards) / 8, abs=1e-6)
    assert all(value is not None for name in ("kl", "entropy", "loss") for value in found[name][1:])
    assert counts.supervised_tokens == sum(found["supervised"][1:]) < counts.tokens
    assert counts.reward == pytest.approx(found["reward"][3], abs=1e-5)
    assert counts.held_out_accuracy == [found["eval_accuracy"][0], found["eval_accuracy"][4]]
    assert {"reward", "held-out accuracy", "completion tokens", "groups without signal", "KL"} <= {
        name for one in told for name in one
    }


@pytest.mark.parametrize(
    "settings",
    [{}, {"num_iterations": 2}, {"gradient_accumulation_steps": 2, "generation_batch_size": 8, "logging_steps": 2}],
)
def test_an_interrupted_training_ends_bit_identical(settings: dict[str, Any], tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 7)  # an epoch is three batches of two problems, the last left out
    config = make_grpo({"max_steps": 9} | settings, held_out=1)
    config = config.model_copy(update={"settings": config.settings | {"eval_steps": 3}})
    whole = reward(tmp_path / "whole", tiny_model, prompts, config)
    killed = tmp_path / "killed"
    for step in (1, 2, 4, 8) if "logging_steps" not in settings else (2, 4, 8):
        with pytest.raises(Killed):
            reward(killed, tiny_model, prompts, config, dying_at(step))
    resumed = reward(killed, tiny_model, prompts, config)
    assert ledger(tmp_path / "whole") == ledger(killed)
    assert sha256_of(tmp_path / "whole" / "model.safetensors") == sha256_of(killed / "model.safetensors")
    timed = ("trainer_s",)
    assert all(
        getattr(whole, name) == getattr(resumed, name) for name in whole.__dataclass_fields__ if name not in timed
    )
    columns = ("step", "loss", "reward", "no_signal", "completion_length", "eval_accuracy", "entropy")
    first, second = log(tmp_path / "whole"), log(killed)
    assert [first[name] for name in columns] == [second[name] for name in columns]


def test_completions_that_other_processes_drew_are_not_trained_on(tiny_model: Path, tmp_path: Path) -> None:
    """Each process has its own part of them: another number of processes would train on a part of a step's rows."""
    prompts, config = write_prompts(tmp_path / "prompts", 6), make_grpo()
    with pytest.raises(Killed):
        reward(tmp_path / "out", tiny_model, prompts, config, dying_at(3))  # two steps are drawn at once
    checkpoints = tmp_path / "out" / ".work" / "checkpoints"
    for step, refused in ((1, True), (2, False)):
        shutil.rmtree(tmp_path / "again", ignore_errors=True)
        shutil.copytree(tmp_path / "out", tmp_path / "again")
        if refused:
            shutil.rmtree(tmp_path / "again" / ".work" / "checkpoints" / "checkpoint-2")
        checkpoint = tmp_path / "again" / ".work" / "checkpoints" / f"checkpoint-{step}"
        drawn = torch.load(checkpoint / "completions-0.pt", weights_only=True)
        torch.save(drawn | {"processes": 2}, checkpoint / "completions-0.pt")
        mark_whole(checkpoint, PLAIN, mark_of(checkpoint)["steps"])
        if refused:
            with pytest.raises(InputError, match=r"each of 2 processes still has completions .* now there are 1; set"):
                reward(tmp_path / "again", tiny_model, prompts, config)
        else:
            assert reward(tmp_path / "again", tiny_model, prompts, config).steps == 4
    assert len(list(checkpoints.glob("checkpoint-*"))) == 2


def test_evaluations_change_no_weights(tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 6)
    hashes = set()
    for every in (1, 3):
        folder = tmp_path / str(every)
        reward(folder, tiny_model, prompts, make_grpo({"eval_steps": every, "max_steps": 3}, held_out=2))
        hashes.add(sha256_of(folder / "model.safetensors"))
    assert len(hashes) == 1


def test_unknown_completions_have_no_part_in_it(tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 6)
    number = itertools.count()
    outcomes = ("unknown", "pass", "fail", "unknown")
    judging = partial(judging_by, lambda _: outcomes[next(number) % 4])
    reward(tmp_path / "out", tiny_model, prompts, make_grpo({"max_steps": 2}), judging=judging)
    rewards = [entry["reward"] for entry in ledger(tmp_path / "out")]
    assert Counter(rewards) == {None: 4, 1.0: 2, 0.0: 2}
    assert log(tmp_path / "out")["reward"] == [0.5, None]  # not 0.25: an unknown one does not count as 0
    assert log(tmp_path / "out")["unknown"][0] == 0.5


@pytest.mark.parametrize("outcome", ["unknown", "fail", "pass"])
def test_rewards_that_never_differ_teach_nothing(
    outcome: str, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_watch, "STEPS", 2)
    prompts = write_prompts(tmp_path / "prompts", 6)
    config = make_grpo({"max_steps": 4, "generation_batch_size": 4, "weight_decay": 0.0})
    told = tmp_path / "out"
    with pytest.raises(InputError, match="for 2 steps all completions of a problem had the same reward"):
        reward(told, tiny_model, prompts, config, judging=partial(judging_by, lambda _: outcome))
    state = torch.load(told / ".work" / "checkpoints" / "checkpoint-1" / "completions-0.pt", weights_only=True)
    assert state == {"step": 1, "processes": 1, "completions": None}
    trained = load_file(told / ".work" / "checkpoints" / "checkpoint-1" / "model.safetensors")
    assert all(
        torch.equal(trained[name], weight) for name, weight in load_file(tiny_model / "model.safetensors").items()
    )


def test_a_training_that_has_learnt_ends_early_and_keeps_it(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_watch, "STEPS", 2)
    prompts = write_prompts(tmp_path / "prompts", 6)
    config = make_grpo({"max_steps": 9, "generation_batch_size": 4})
    number = itertools.count()
    judging = partial(judging_by, lambda _: "pass" if next(number) in (0, 1) else "fail")
    notes: list[str] = []
    counts = reward(
        tmp_path / "out", tiny_model, prompts, config, lambda *_, note="", **__: notes.append(note), judging
    )
    assert counts.steps == 3
    assert any("ended early: for 2 steps" in note for note in notes)
    first = sha256_of(tmp_path / "out" / "model.safetensors")
    assert reward(tmp_path / "out", tiny_model, prompts, config, judging=judging) == counts  # no step more
    assert sha256_of(tmp_path / "out" / "model.safetensors") == first


@pytest.mark.parametrize(("quantize", "merged"), [(None, "base"), ("nf4", "dequantized nf4 base")])
def test_adapters_are_merged(quantize: str | None, merged: str, tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 4)
    config = make_grpo({"max_steps": 1, "beta": 0.1}, lora={"r": 2}, quantize=quantize)
    counts = reward(tmp_path / "out", tiny_model, prompts, config)
    assert counts.merged_onto == merged
    assert counts.trainable_parameters < counts.parameters
    assert (tmp_path / "out" / "adapter" / "adapter_config.json").exists()


def test_some_are_asked_to_answer_without_reasoning(tiny_model: Path, tmp_path: Path) -> None:
    closed: dict[str, bool] = {}

    def look(trace: Trace) -> str:
        closed[trace.problem_id] = trace.closed
        return by_length(trace)

    prompts = write_prompts(tmp_path / "prompts", 8)
    student = STUDENT.model_copy(update={"reasoning": MixedReasoning(no_think_share=0.5)})
    config = make_grpo({"max_steps": 8}, max_length=96)
    reward(tmp_path / "out", tiny_model, prompts, config, judging=partial(judging_by, look), student=student)
    assert len(closed) == 8
    assert set(closed.values()) == {True, False}
    assert all(is_closed == is_no_think(one, student.reasoning) for one, is_closed in closed.items())


def test_easy_problems_come_first(tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 4, [0.2, 0.9, None, 0.5])
    config = make_grpo({"max_steps": 4, "generation_batch_size": 4}, prompts={"order": "easy_first"})
    reward(tmp_path / "out", tiny_model, prompts, config)
    ids = [row["id"] for row in pq.read_table(prompts).to_pylist()]
    asked = list(dict.fromkeys(entry["problem_id"] for entry in ledger(tmp_path / "out")))
    assert [ids.index(one) for one in asked] == [1, 3, 0, 2]


def test_too_few_problems(tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 1)
    with pytest.raises(InputError, match="1 problems are fewer than the 2 that are answered together"):
        reward(tmp_path / "out", tiny_model, prompts)


def test_an_error_of_the_judge_ends_the_training(tiny_model: Path, tmp_path: Path) -> None:
    def broken(_: Any) -> str:
        raise InputError("the sandbox does not start")

    prompts = write_prompts(tmp_path / "prompts", 4)
    with pytest.raises(InputError, match="the sandbox does not start"):
        reward(tmp_path / "out", tiny_model, prompts, judging=partial(judging_by, broken))


@pytest.mark.parametrize("special", [(), ("<think>", "</think>")])
@pytest.mark.parametrize("end", ["", "<|im_end|>"])
def test_the_judge_sees_tags_and_no_stop_token(special: tuple[str, ...], end: str) -> None:
    tokenizer = make_byte_tokenizer(special=[*SPECIAL, *special])
    text = "2 + 2 = 4 .\n</think>\n\n\\boxed{4}"
    tokens = tokenizer.encode(text + end, add_special_tokens=False)
    assert text_of(tokens, Renderer(tokenizer, "think", thinks=True), [tokenizer.eos_token_id]) == text

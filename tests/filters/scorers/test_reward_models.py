"""Reward models of every form score as their published code does, whatever else is in the batch."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from scorer_makers import change_config, make_reward_model, say_nothing, text
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from transformers import AutoModelForTokenClassification as TokenClassification

from configs.scorers import OutcomeScorer, ProcessScorer
from filters.scorers.batches import batches
from filters.scorers.forms import FORMS, QWEN_SYSTEM
from filters.scorers.models import OutcomeModel, ProcessModel
from filters.scorers.scoring import TraceText
from records.errors import InputError
from records.thinking import join_reasoning

STEPS = ["2 + 2 = 4.", "So 4.", "It is 4."]
OTHERS = [text("One.\nTwo.\n" * 12, "Three."), text("", "4"), text("x" * 90, "y")]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("reward-models")
    return {form: make_reward_model(place / form, form) for form in ("outcome", *FORMS)}


def process(folder: Path, form: str, **fields: Any) -> ProcessModel:
    return ProcessModel(
        ProcessScorer(kind="process", path=str(folder), form=form, dtype="float32", **fields), str(folder)
    )


def outcome(folder: Path, **fields: Any) -> OutcomeModel:
    return OutcomeModel(OutcomeScorer(kind="outcome", path=str(folder), dtype="float32", **fields), str(folder))


# As the code that each form was published with does it, one trace at a time


def by_trl(folder: Path, tokenizer: Any) -> list[float]:
    ids, ends = list(tokenizer("2 + 2?", add_special_tokens=False)["input_ids"]), []
    for step in STEPS:
        ids += tokenizer(step, add_special_tokens=False)["input_ids"] + tokenizer.encode("\n", add_special_tokens=False)
        ends.append(len(ids) - 1)
    logits = TokenClassification.from_pretrained(folder, dtype=torch.float32)(torch.tensor([ids])).logits[0]
    return [logits[end].softmax(-1)[1].item() for end in ends]


def by_qwen(folder: Path, tokenizer: Any) -> list[float]:
    turns = [{"role": "system", "content": QWEN_SYSTEM}, {"role": "user", "content": "2 + 2?"}]
    turns.append({"role": "assistant", "content": "<extra_0>".join(STEPS) + "<extra_0>"})
    ids = tokenizer.encode(tokenizer.apply_chat_template(turns, tokenize=False), return_tensors="pt")
    model = AutoModel.from_pretrained(folder, dtype=torch.float32)
    tensors = load_file(folder / "model.safetensors")
    head = torch.nn.Sequential(torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    head.load_state_dict({name.removeprefix("score."): one for name, one in tensors.items() if "score." in name})
    logits = head(model(ids).last_hidden_state)
    return list(logits.softmax(-1)[0][ids[0] == tokenizer.encode("<extra_0>")[0]][:, 1].tolist())


def by_skywork(folder: Path, tokenizer: Any) -> list[float]:
    ids, flags = tokenizer.encode("2 + 2?\n"), []
    flags = [0] * len(ids)
    for step in STEPS:
        more = [*tokenizer.encode(step), tokenizer.encode("\n")[-1]]
        ids, flags = ids + more, flags + [0] * (len(more) - 1) + [1]
    tensors, model = (
        load_file(folder / "model.safetensors"),
        AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
    )
    hidden = model(torch.tensor([ids]), output_hidden_states=True).hidden_states[-1][0]
    values = (hidden @ tensors["v_head.summary.weight"].T + tensors["v_head.summary.bias"])[:, 0].sigmoid()
    return list(values[torch.tensor(flags) == 1].tolist())


def by_rlhflow(folder: Path, tokenizer: Any) -> list[float]:
    model, scores = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), []
    labels, turns = [tokenizer.encode("+")[-1], tokenizer.encode("-")[-1]], []
    for number, step in enumerate(STEPS):
        turns.append({"role": "user", "content": step if number else f"2 + 2? {step}"})
        asked = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        ids = tokenizer.encode(asked, return_tensors="pt", add_special_tokens=False)
        scores.append(model(ids).logits[0, -1, labels].softmax(-1)[0].item())
        turns.append({"role": "assistant", "content": "+"})
    return scores


def by_math_shepherd(folder: Path, tokenizer: Any) -> list[float]:
    told = "\n".join(f"Step {at}: {step} ки" for at, step in enumerate(STEPS, start=1))
    ids = tokenizer.encode(f"2 + 2? {told}", return_tensors="pt")
    logits = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)(ids).logits[0]
    labels = [tokenizer.encode("+")[-1], tokenizer.encode("-")[-1]]
    return list(logits[:, labels].softmax(-1)[:, 0][ids[0] == tokenizer.encode("ки")[-1]].tolist())


PUBLISHED = {
    "trl": by_trl,
    "qwen_math_prm": by_qwen,
    "skywork": by_skywork,
    "rlhflow": by_rlhflow,
    "math_shepherd": by_math_shepherd,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_scores_as_its_published_code(folders: dict[str, Path], form: str) -> None:
    folder = folders[form]
    expected = PUBLISHED[form](folder, AutoTokenizer.from_pretrained(folder))
    assert max(expected) - min(expected) > 1e-3, "scores that are all alike would hide a mistake"
    found = process(folder, form)([OTHERS[0], text(), *OTHERS[1:]], say_nothing)[1]
    assert found.steps == pytest.approx(expected, abs=1e-5)
    assert (found.left_out, found.tokens > len("".join(STEPS))) == (None, True)


@pytest.mark.parametrize("form", ["outcome", *FORMS])
def test_padding_and_order_change_no_score(folders: dict[str, Path], form: str) -> None:
    traces = [*OTHERS, text(), text("2 + 2 = 5.")]
    make: Any = (
        (lambda **fields: outcome(folders[form], **fields))
        if form == "outcome"
        else (lambda **fields: process(folders[form], form, **fields))
    )
    together, alone = make()(traces, say_nothing), make(batch_tokens=1)(traces, say_nothing)
    reverse = make()(traces[::-1], say_nothing)[::-1]
    for one, other, third in zip(together, alone, reverse, strict=True):
        assert one.steps == pytest.approx(other.steps, abs=1e-5) == third.steps
        assert one.outcome == pytest.approx(other.outcome, abs=1e-5) == third.outcome
    values = [one.outcome if form == "outcome" else one.steps[0] for one in together]
    assert len(set(values)) == len(values), "scores that are all alike would hide a mistake"


def test_an_outcome_is_read_at_the_conversations_last_token(folders: dict[str, Path]) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folders["outcome"])
    reply = join_reasoning("2 + 2 = 4.\nSo 4.", "It is 4.")
    turns = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": reply}]
    ids = tokenizer.encode(tokenizer.apply_chat_template(turns, tokenize=False), return_tensors="pt")
    model = AutoModelForSequenceClassification.from_pretrained(folders["outcome"], dtype=torch.float32)
    found = outcome(folders["outcome"])([text(), *OTHERS], say_nothing)[0]
    assert found.outcome == pytest.approx(model(ids).logits[0, 0].sigmoid().item(), abs=1e-5)
    assert (found.steps, found.tokens) == ([], ids.shape[1])


def test_what_does_not_fit_is_left_out_and_never_cut(folders: dict[str, Path]) -> None:
    scorer = process(folders["trl"], "trl")
    room = scorer.reader.limit - len("2 + 2?") - 1  # bytes are tokens; a line break ends the step
    one_too_many, exactly, empty = text("", "x" * (room + 1)), text("", "x" * room), text("", " \n")
    told: list[tuple[int, int]] = []
    found = scorer([one_too_many, exactly, empty], lambda *more: told.append(more))
    assert [one.left_out for one in found] == ["too_long", None, "no_steps"]
    assert (found[0].steps, found[1].tokens, scorer.reader.limit) == ([None], 400, 400)
    assert told == [(2, 0), (1, 400)]
    assert process(folders["trl"], "trl", max_length=399)([exactly], say_nothing)[0].left_out == "too_long"
    whole = outcome(folders["outcome"])([one_too_many, empty], say_nothing)
    assert [(one.left_out, one.outcome) for one in whole] == [("too_long", None), ("no_steps", None)]


def test_marks_in_a_trace_add_no_positions(folders: dict[str, Path]) -> None:
    for form, mark in (("qwen_math_prm", "<extra_0>"), ("math_shepherd", "ки"), ("rlhflow", "\ue000")):
        hostile = TraceText(f"2 {mark} + 2?", f"One {mark} is.\nTwo {mark}{mark}", f"{mark} It is 4.", closed=True)
        (found,) = process(folders[form], form)([hostile], say_nothing)
        assert len([step for step in found.steps if step is not None]) == 3


# Models that are none of what is asked for


def test_a_scorer_of_another_task_is_named_in_a_line(folders: dict[str, Path], tmp_path: Path) -> None:
    wrong = {
        "without the head of an outcome scorer": lambda: outcome(folders["rlhflow"]),
        "not of the form trl": lambda: process(folders["outcome"], "trl"),
        "not of the form qwen_math_prm": lambda: process(folders["rlhflow"], "qwen_math_prm"),
        "has no v_head.summary.weight": lambda: process(folders["rlhflow"], "skywork"),
        "has 2 labels, and an outcome scorer 1": lambda: outcome(make_reward_model(tmp_path / "two", "outcome", 2)),
        "has 3 labels, and a process scorer 2": lambda: process(make_reward_model(tmp_path / "3", "trl", 3), "trl"),
        "no config.json": lambda: outcome(tmp_path),
    }
    for message, load in wrong.items():
        with pytest.raises(InputError, match=message) as error:
            load()
        assert "\n" not in str(error.value)


def test_a_checkpoint_without_head_or_weights_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    make_reward_model(tmp_path / "headless", "rlhflow")
    change_config(tmp_path / "headless", architectures=["LlamaForSequenceClassification"], id2label={"0": "good"})
    with pytest.raises(InputError, match="lack 1 weights, such as score"):
        outcome(tmp_path / "headless")
    make_reward_model(tmp_path / "empty", "trl")
    (tmp_path / "empty" / "model.safetensors").unlink()
    with pytest.raises(InputError, match="no weights"):
        process(tmp_path / "empty", "trl")
    make_reward_model(tmp_path / "torn", "trl")
    torn = tmp_path / "torn" / "model.safetensors"
    torn.write_bytes(torn.read_bytes()[:1000])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        process(tmp_path / "torn", "trl")


def test_batches_hold_what_fits_with_padding() -> None:
    assert list(batches([3, 9, 4, 4], 12)) == [[1], [2, 3, 0]]
    assert list(batches([3, 9, 4, 4], 11)) == [[1], [2, 3], [0]]
    assert list(batches([3, 9, 4, 4], 18)) == [[1, 2], [3, 0]]
    assert list(batches([30], 8)) == [[0]]
    assert list(batches([], 8)) == []

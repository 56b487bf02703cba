"""How each published family of process reward models writes a trace, and where it tells the score of a step.

Every form here was taken from the code named beside it. Prompt and steps come as plain text (`records.plain_text`),
so that no trace adds positions or turns of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from records.chat_template import TemplateFailed, render
from records.errors import InputError
from records.rendering import prompt_tokens
from records.reward_text import step_tokens
from records.tokenizer_check import encoded

Tokens = tuple[list[int], list[int]]
"""The tokens of prompt and trace, and for each step the position at which its score is read."""

QWEN_MARK = "<extra_0>"
QWEN_SYSTEM = "Please reason step by step, and put your final answer within \\boxed{}."
SHEPHERD_MARK = "ки"
QWEN_HEAD = ("score.0.weight", "score.0.bias", "score.2.weight", "score.2.bias")
VALUE_HEAD = ("v_head.summary.weight", "v_head.summary.bias")
"""The tensors of heads that transformers has no class for."""
PLACE = "\ue000"
"""A private character that stands for an assistant's turn while a template is rendered."""


class OtherMarks(InputError):
    """A text has not as many marks as steps: for any text, if the tokenizer is of another form."""


@dataclass(frozen=True, slots=True)
class Form:
    """One convention. Made here; read by `filters.scorers.process`."""

    head: str
    """How scores come out of hidden states: a key of `filters.scorers.heads.HEADS`."""
    write: Callable[[Any, str, Sequence[str]], Tokens]
    """Writes prompt and steps as tokens. Errors: InputError if the tokenizer lacks what the form needs."""
    architecture: str
    """How the checkpoint's architecture, in its config.json, must end."""
    labels: Callable[[Any], tuple[int, int]] | None = None
    """For a head of two tokens: returns those of a right and of a wrong step."""
    mark: str = ""
    """What stands where a score is read, and so must not come from a trace."""
    tensors: tuple[str, ...] = ()
    """The head's tensors, if transformers has no class for it."""


def qwen_math_prm(tokenizer: Any, prompt: str, steps: Sequence[str]) -> Tokens:
    """Return a chat whose reply has a mark after each step; the score is read at the mark."""
    reply = "".join(step.strip() + QWEN_MARK for step in steps)
    turns = [of("system", QWEN_SYSTEM), of("user", prompt), of("assistant", reply)]
    ids = prompt_tokens(tokenizer, rendered(tokenizer, turns))
    return ids, positions(ids, single_token(tokenizer, QWEN_MARK, "qwen_math_prm"), len(steps), tokenizer)


def skywork(tokenizer: Any, prompt: str, steps: Sequence[str]) -> Tokens:
    """Return the prompt and the steps, each with a line break behind it, at which the score is read."""
    ids = prompt_tokens(tokenizer, f"{tokenizer.bos_token or ''}{prompt}\n")
    end, at = prompt_tokens(tokenizer, "\n")[-1:], list[int]()
    for step in steps:
        ids += prompt_tokens(tokenizer, step.strip()) + end
        at.append(len(ids) - 1)
    return ids, at


def rlhflow(tokenizer: Any, prompt: str, steps: Sequence[str]) -> Tokens:
    """Return a chat in which the user tells a step and the assistant says `+`; the score is what the model predicts for
    that token, read at the one before. The first step follows the prompt."""
    told = [step.strip() for step in steps]
    told[0] = f"{prompt} {told[0]}"
    turns = [turn for step in told for turn in (of("user", step), of("assistant", PLACE))]
    *parts, last = rendered(tokenizer, turns).split(PLACE)
    plus, ids, at = prompt_tokens(tokenizer, "+"), list[int](), list[int]()
    for part in parts:
        ids += prompt_tokens(tokenizer, part)
        at.append(len(ids) - 1)
        ids += plus
    return ids + prompt_tokens(tokenizer, last), at


def math_shepherd(tokenizer: Any, prompt: str, steps: Sequence[str]) -> Tokens:
    """Return the prompt and numbered steps with a mark behind each, at which the score is read."""
    lines = "\n".join(f"Step {number}: {step.strip()} {SHEPHERD_MARK}" for number, step in enumerate(steps, start=1))
    ids = encoded(tokenizer, f"{prompt} {lines}", add_special_tokens=True)
    return ids, positions(ids, tokenizer.encode(SHEPHERD_MARK)[-1], len(steps), tokenizer)


def plus_and_minus(tokenizer: Any) -> tuple[int, int]:
    return prompt_tokens(tokenizer, "+")[-1], prompt_tokens(tokenizer, "-")[-1]


def of(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def rendered(tokenizer: Any, turns: list[dict[str, str]]) -> str:
    try:
        return render(tokenizer, turns)
    except TemplateFailed as error:
        name = tokenizer.name_or_path
        raise InputError(f"{name}: its chat template does not write the scorer's turns ({error})") from error


def single_token(tokenizer: Any, mark: str, form: str) -> int:
    ids = prompt_tokens(tokenizer, mark)
    if len(ids) != 1:
        raise InputError(f"{tokenizer.name_or_path}: has no token {mark}, which the form {form} needs; choose its form")
    return ids[0]


def positions(ids: list[int], mark: int, count: int, tokenizer: Any) -> list[int]:
    found = [at for at, token in enumerate(ids) if token == mark]
    if len(found) != count:
        name = tokenizer.name_or_path
        raise OtherMarks(f"{name}: wrote {len(found)} marks for {count} steps, so it is not of this form")
    return found


FORMS: dict[str, Form] = {
    # TRL, experimental/prm/prm_trainer.py (`tokenize_row`); label 1 is a right step.
    "trl": Form("token_labels", step_tokens, "ForTokenClassification"),
    # The card of Qwen/Qwen2.5-Math-PRM-7B: `make_step_rewards` takes the probability of label 1 at `<extra_0>`.
    "qwen_math_prm": Form("two_layers", qwen_math_prm, "ForProcessRewardModel", mark=QWEN_MARK, tensors=QWEN_HEAD),
    # SkyworkAI/skywork-o1-prm-inference, model_utils/io_utils.py (`prepare_input`) and prm_model.py (`ValueHead`).
    "skywork": Form("value_head", skywork, "", tensors=VALUE_HEAD),
    # RLHFlow/RLHF-Reward-Modeling, math-rm/prm_evaluate.py; huggingface/search-and-learn, models/reward_models.py.
    "rlhflow": Form("two_tokens", rlhflow, "ForCausalLM", plus_and_minus, mark=PLACE),
    # The card of peiyi9979/math-shepherd-mistral-7b-prm: `+` and `-` after a space are its tokens 648 and 387.
    "math_shepherd": Form("two_tokens", math_shepherd, "ForCausalLM", plus_and_minus, mark=SHEPHERD_MARK),
}
"""The forms by the names of `configs.scorers.Form`."""

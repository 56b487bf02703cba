"""Turns dataset rows into token ids and labels, in exactly the form that the student meets at inference.

The student's own chat template renders the prompt, and the completion follows as plain text. Templates that strip
reasoning from assistant turns or prefill `<think>` (R1-distill) therefore cannot lose or double it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from records.chat_template import assistant_turn
from records.errors import InputError
from records.rendering import prompt_text, prompt_tokens
from records.special_tokens import stop_token
from records.thinking import TAG, after_prefill
from student.data.encoding import CompletionEncoder
from student.data.reasoning import PROBE, Reasoning, Switch, is_no_think, switch_of, without_reasoning

VERSION = "1"
"""Raised when the same row renders to other tokens or labels."""
IGNORED = -100
"""The label of a token without loss (`ignore_index` of torch.nn.CrossEntropyLoss)."""


@dataclass(frozen=True, slots=True)
class RenderedRow:
    """One row as it is trained. Made by RowRenderer; read by the row's check and the trainer."""

    turns: list[dict[str, str]]
    """The turns before the assistant's, as the dataset has them."""
    content: str
    """The assistant's turn that is to be learnt, tags included."""
    prompt: str
    completion: str
    """The content without what the prompt already holds of it, such as a prefilled `<think>`."""
    input_ids: list[int]
    """Prompt, completion and stop token."""
    labels: list[int]
    """As long as `input_ids`; IGNORED over the prompt, so that the loss covers only completion and stop token."""
    no_think: bool
    """True if the prompt asks for an answer without reasoning."""


class RowRenderer:
    """Renders the rows of one dataset for one student."""

    def __init__(self, tokenizer: Any, reasoning: Reasoning = "visible", embedding_rows: int | None = None) -> None:
        """`embedding_rows` is the number of tokens that the student embeds; None if it is all of the tokenizer's.

        Errors: InputError if the tokenizer has no chat template or no stop token, or if the template writes more than
        think tags between the prompt and an answer."""
        check_answer_follows_prompt(tokenizer)
        self.tokenizer, self.reasoning, self.embedding_rows = tokenizer, reasoning, embedding_rows
        self.encoder = CompletionEncoder(tokenizer)
        self.stop_id: int = tokenizer.convert_tokens_to_ids(stop_token(tokenizer))
        self.switch = switch_of(tokenizer)

    def render(self, messages: Sequence[dict[str, str]], problem_id: str) -> RenderedRow:
        """Render a row whose last message is the assistant's. Errors: InputError if the template refuses the turns."""
        *turns, last = messages
        no_think = is_no_think(problem_id, self.reasoning)
        switch = self.switch if no_think else Switch()
        asked = switch.apply(turns) if switch.suffix else turns
        content = without_reasoning(last["content"]) if no_think or self.reasoning == "hidden" else last["content"]
        prompt = prompt_text(self.tokenizer, asked, switch.arguments)
        completion = after_prefill(prompt, content)
        prompt_ids = prompt_tokens(self.tokenizer, prompt)
        completion_ids = [*self.encoder.encode(completion), self.stop_id]
        return RenderedRow(
            turns=list(turns),
            content=content,
            prompt=prompt,
            completion=completion,
            input_ids=prompt_ids + completion_ids,
            labels=[IGNORED] * len(prompt_ids) + completion_ids,
            no_think=no_think,
        )


def check_answer_follows_prompt(tokenizer: Any) -> None:
    """Check that the template's own answers begin where its prompts end, but for think tags and white space.

    gpt-oss's open a channel in between, and a reasoning in think tags would stand where the model expects a channel's
    name. Errors: InputError.
    """
    before, _ = assistant_turn(tokenizer, PROBE[0]["content"])
    prompt = prompt_text(tokenizer, PROBE)
    ours, theirs = (TAG.sub("", text).rstrip() for text in (prompt, before))
    if ours != theirs:
        written = theirs.removeprefix(ours)[-100:]
        raise InputError(
            f"{tokenizer.name_or_path}: its chat template writes {written!r} between prompt and answer, and reasoning "
            "in think tags would not fit there; set template to another (docs/training.md), or choose another student"
        )

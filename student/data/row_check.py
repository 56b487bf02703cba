"""Checks one rendered row for faults that would silently train a broken student."""

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from records.thinking import holds_one_reasoning, prefilled, split_reasoning
from student.data.faults import (
    BAD_FORMAT,
    COMPLETION_CHANGED,
    NO_ANSWER,
    NO_STOP_TOKEN,
    PROMPT_CHANGED,
    PROMPT_INCOMPLETE,
    SPECIAL_TOKEN,
    TOO_LONG,
)
from student.data.rendering import IGNORED, RenderedRow, RowRenderer


def render_checked(row: Mapping[str, Any], renderer: RowRenderer, max_length: int) -> tuple[RenderedRow, str]:
    """Render a dataset row, and return it with the reason for which it must not be trained on; empty if there is none.

    A row over `max_length` tokens is never cut: a cut trace teaches the student never to stop (open-r1#530).
    """
    rendered = renderer.render(row["messages"], row["problem_id"])
    fault = fault_of(rendered, renderer)
    return rendered, fault or (TOO_LONG if len(rendered.input_ids) > max_length else "")


def name_of(row: Mapping[str, Any]) -> str:
    """Return the ids that lead back to the row's trace."""
    return f"problem_id {row['problem_id']}, sample_index {row['sample_index']}"


def fault_of(row: RenderedRow, renderer: RowRenderer) -> str:
    """Return the reason, from `student.data.faults`, for which a row must not be trained on; empty if there is none.

    It looks at the tokens themselves: the supervised ones must decode to the whole reasoning and answer of the row's
    content and end in the stop token, and the others to the prompt with the text of every turn.
    """
    supervised = [label for label in row.labels if label != IGNORED]
    begin = len(row.labels) - len(supervised)
    target, reserved = supervised[:-1], renderer.encoder.reserved | {renderer.stop_id}
    if supervised[-1:] != [renderer.stop_id] or row.input_ids[begin:] != supervised or IGNORED in row.labels[begin:]:
        return NO_STOP_TOKEN
    if not reserved.isdisjoint(target):
        return SPECIAL_TOKEN
    if renderer.embedding_rows is not None and max(row.input_ids) >= renderer.embedding_rows:
        return SPECIAL_TOKEN
    if any(turn["content"].strip() not in row.prompt for turn in row.turns):
        return PROMPT_INCOMPLETE
    if not same_words(decode(renderer, row.input_ids[:begin]), row.prompt):
        return PROMPT_CHANGED
    return fault_of_completion(row, decode(renderer, target))


def fault_of_completion(row: RenderedRow, decoded: str) -> str:
    if not split_reasoning(row.content, thinks=False)[1]:
        return NO_ANSWER
    if not holds_one_reasoning(row.prompt, row.completion):
        return BAD_FORMAT
    # Qwen's tokenizers compose characters (NFC), which changes no text that anyone reads.
    learnt, meant = normalize("NFC", prefilled(row.prompt) + decoded), normalize("NFC", row.content)
    if normalize("NFC", decoded) != normalize("NFC", row.completion):
        return COMPLETION_CHANGED
    return "" if split_reasoning(learnt, thinks=False) == split_reasoning(meant, thinks=False) else COMPLETION_CHANGED


def decode(renderer: RowRenderer, ids: list[int]) -> str:
    return str(renderer.tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))


def same_words(one: str, other: str) -> bool:
    """Compare without white space, which some tokenizers put around special tokens when they decode."""
    return "".join(normalize("NFC", one).split()) == "".join(normalize("NFC", other).split())

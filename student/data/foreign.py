"""Turns rows of datasets made elsewhere into rows of Retort's dataset schema."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from configs.data_mix import MessageColumns
from records.dataset_row import unsampled_row
from records.errors import InputError
from records.hashing import problem_id
from records.parquet import write_rows
from records.schemas import DATASET
from records.tables import Row, clipped, columns_of, text_of
from records.thinking import ANY_OPEN, CLOSE, OPEN, split_reasoning, strip_tags, with_tags
from records.training_counts import RowsCounts

ROLES = ("system", "user", "assistant")
REASONING = ("reasoning_content", "reasoning", "thinking")
"""Fields of a turn in which the reasoning stands apart: of DeepSeek and SGLang, of vLLM and OpenRouter, of gpt-oss and
Ollama."""
OPENINGS = re.compile(rf"{ANY_OPEN.pattern}|<\|begin_of_thought\|>|\[THINK\]|◁think▷|<\|channel\|>", re.IGNORECASE)
"""What a reasoning in the content begins with: of OpenThoughts and Sky-T1, Magistral, Kimi and gpt-oss beside tags."""
NO_CALLS: tuple[Any, ...] = (None, [], "", "[]", "null")
"""What stands for no calls of tools, in sets that hold them as a list or as JSON."""


def import_rows(
    folder: Path, rows: Iterable[Row], columns: MessageColumns, source: str, benchmarks: set[str]
) -> RowsCounts:
    """Write `data/train-00000.parquet`. Rows that ask what is in `benchmarks`, by the hash of a user's turn, are left
    out.

    `sample_index` is the row's number, so that a ledger leads back to it. Errors: InputError for a row that is no
    conversation ending in the assistant's turn, and if no row is left.
    """
    left_out = 0

    def converted() -> Iterator[dict[str, Any]]:
        nonlocal left_out
        for number, (place, row) in enumerate(rows):
            messages = messages_of(row, columns.messages, place)
            asked = [problem_id(turn["content"]) for turn in messages if turn["role"] == "user"]
            if not benchmarks.isdisjoint(asked):
                left_out += 1
                continue
            problem = text_of(row, columns.problem_id, place) if columns.problem_id else asked[-1]
            yield unsampled_row(messages, problem, source, sample_index=number)

    (folder / "data").mkdir(exist_ok=True)
    count = write_rows(folder / "data" / "train-00000.parquet", converted(), DATASET)
    if not count:
        raise InputError(f"{source}: no row is left to train on; all {left_out} are in a benchmark")
    return RowsCounts(rows=count, in_benchmark=left_out)


def messages_of(row: dict[str, Any], column: str, place: str) -> list[dict[str, str]]:
    """Return the turns with only role and content, in which the last one's reasoning stands in think tags.

    Errors: InputError unless they end in the assistant's, after a user's, and for what would not be learnt."""
    if column not in row:
        raise InputError(f"{place}: has no column {column!r}; it has {columns_of(row)}: set columns in the config")
    turns = row[column]
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise InputError(
            f"{place}: column {column!r} must be a list of turns with role and content; set columns.messages"
        )
    found = [{"role": turn.get("role"), "content": turn.get("content")} for turn in turns]
    for turn in found:
        if turn["role"] not in ROLES or not isinstance(turn["content"], str):
            raise InputError(
                f"{place}: column {column!r} holds a turn with role {clipped(turn['role'])} and content of type "
                f"{type(turn['content']).__name__}; a turn has a role ({', '.join(ROLES)}) and a text"
            )
    if not found or found[-1]["role"] != "assistant" or "user" not in [turn["role"] for turn in found]:
        raise InputError(f"{place}: column {column!r} must end in the assistant's turn, after a user's; remove the row")
    found[-1]["content"] = whole_reply(turns[-1], f"{place}: column {column!r}")
    return [{name: text_of(turn, name, f"{place}: {column}", may_be_empty=True) for name in turn} for turn in found]


def whole_reply(turn: dict[str, Any], place: str) -> str:
    """Return the reply that is to be learnt, with the reasoning that servers give in a field of its own. Errors:
    InputError for calls of tools, and for reasoning in tags that nothing after this knows."""
    if turn.get("tool_calls") not in NO_CALLS or turn.get("function_call"):
        raise InputError(f"{place}: the last turn calls tools, which a student here does not learn; remove the row")
    given = [turn[name] for name in REASONING if turn.get(name)]
    if not all(isinstance(one, str) for one in given):
        raise InputError(f"{place}: the last turn's reasoning is of type {type(given[0]).__name__}; give a text")
    content: str = turn["content"]
    other = OPENINGS.match(content.lstrip())
    if other and other[0] != OPEN:
        raise InputError(
            f"{place}: the last turn begins with {other[0]}, and would be learnt as an answer; write {OPEN} and {CLOSE}"
        )
    told = [one for one in given if one.strip()]
    if told and len({*map(strip_tags, told), split_reasoning(content, thinks=False)[0]} - {""}) > 1:
        raise InputError(f"{place}: the last turn has two reasonings that differ; keep the one to be learnt")
    return with_tags(content, told[0], thinks=False) if told else content

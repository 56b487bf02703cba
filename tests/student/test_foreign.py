"""Datasets made elsewhere become rows of ours, or are refused with the row and the column."""

from pathlib import Path
from typing import Any

import pytest

from configs.data_mix import MessageColumns
from records.errors import InputError
from records.hashing import problem_id
from records.parquet import read_rows
from student.data.foreign import import_rows

USER, ASSISTANT = {"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "2"}


def imported(tmp_path: Path, *rows: dict[str, Any], benchmarks: set[str] | None = None, **columns: str) -> list[Any]:
    placed = [(f"a.jsonl:{number}", row) for number, row in enumerate(rows, start=1)]
    import_rows(tmp_path, placed, MessageColumns(**columns), "a", benchmarks or set())
    return list(read_rows(tmp_path / "data"))


def test_turns_are_kept_and_the_question_is_the_problem(tmp_path: Path) -> None:
    system = {"role": "system", "content": "Think."}
    (row,) = imported(tmp_path, {"messages": [system, USER | {"name": "x"}, ASSISTANT]})
    assert row["messages"] == [system, USER, ASSISTANT]
    assert row["problem_id"] == problem_id("1 + 1?")
    assert (row["source"], row["sample_index"]) == ("a", 0)


def test_other_columns(tmp_path: Path) -> None:
    (row,) = imported(tmp_path, {"chat": [USER, ASSISTANT], "id": 7}, messages="chat", problem_id="id")
    assert row["problem_id"] == "7"


def test_what_a_benchmark_holds_is_left_out(tmp_path: Path) -> None:
    other = {"messages": [{"role": "user", "content": "2 + 2?"}, ASSISTANT]}
    (row,) = imported(tmp_path, {"messages": [USER, ASSISTANT]}, other, benchmarks={problem_id("1  + 1?")})
    assert row["sample_index"] == 1, "the number of the row in its file"
    with pytest.raises(InputError, match="all 1 are in a benchmark"):
        imported(tmp_path, {"messages": [USER, ASSISTANT]}, benchmarks={problem_id("1 + 1?")})


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_a_reasoning_of_its_own_is_learnt_with_the_answer(field: str, tmp_path: Path) -> None:
    earlier = [USER, ASSISTANT | {field: "Let me add."}]
    (row,) = imported(tmp_path, {"messages": [*earlier, USER, ASSISTANT | {field: "One and one.", "name": "x"}]})
    assert [turn["content"] for turn in row["messages"]] == [
        "1 + 1?",
        "2",
        "1 + 1?",
        "<think>\nOne and one.\n</think>\n\n2",
    ]


def test_a_reasoning_that_stands_twice_or_is_empty(tmp_path: Path) -> None:
    whole = "<think>\nOne.\n</think>\n\n2"
    reply = {"role": "assistant", "content": whole, "reasoning": "One.", "reasoning_content": None}
    twice = {"messages": [USER, reply]}
    none = {"messages": [USER, ASSISTANT | {"reasoning_content": "", "tool_calls": None}]}
    blank = {"messages": [USER, ASSISTANT | {"reasoning_content": " \n", "reasoning": "One.", "tool_calls": "[]"}]}
    assert [row["messages"][-1]["content"] for row in imported(tmp_path, twice, none, blank)] == [whole, "2", whole]


def test_a_question_of_a_benchmark_in_an_earlier_turn(tmp_path: Path) -> None:
    later = {"role": "user", "content": "Sure?"}
    with pytest.raises(InputError, match="all 1 are in a benchmark"):
        imported(tmp_path, {"messages": [USER, ASSISTANT, later, ASSISTANT]}, benchmarks={problem_id("1 + 1?")})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x", "id": 1}, "a.jsonl:1: has no column 'messages'; it has text, id: set columns"),
        ({"messages": "x"}, "a.jsonl:1: column 'messages' must be a list of turns"),
        ({"messages": []}, "must end in the assistant's turn"),
        ({"messages": [USER]}, "must end in the assistant's turn"),
        ({"messages": [ASSISTANT]}, "must end in the assistant's turn, after a user's"),
        ({"messages": [{"from": "human", "value": "x"}, ASSISTANT]}, "a turn with role None"),
        ({"messages": [{"role": "user", "content": None}, ASSISTANT]}, "content of type NoneType"),
        ({"messages": [USER | {"role": "x" * 10**6}, ASSISTANT]}, "role x{20,60}… and content"),
        (
            {"messages": [USER, ASSISTANT | {"content": "caf\ud83d"}]},
            "column 'content' holds half a character",
        ),
        ({"a\nb": 1}, "it has a b: set columns"),
        ({"messages": [USER, ASSISTANT | {"tool_calls": [{"id": 1}]}]}, "the last turn calls tools"),
        ({"messages": [USER, ASSISTANT | {"reasoning": ["a"]}]}, "the last turn's reasoning is of type list"),
        ({"messages": [USER, ASSISTANT | {"content": " <Thinking>1</Thinking>2"}]}, "begins with <Thinking>, and"),
        ({"messages": [USER, ASSISTANT | {"content": "<|begin_of_thought|>1"}]}, r"begins with <\|begin"),
        ({"messages": [USER, ASSISTANT | {"content": "[THINK]1[/THINK]2"}]}, r"begins with \[THINK\], and"),
        ({"messages": [USER, ASSISTANT | {"content": "◁think▷1◁/think▷2"}]}, "begins with ◁think▷, and"),
        ({"messages": [USER, ASSISTANT | {"content": "<|channel|>analysis<|message|>1"}]}, r"begins with <\|channel"),
        ({"messages": [USER, ASSISTANT | {"function_call": {"name": "f"}}]}, "the last turn calls tools"),
        ({"messages": [USER, ASSISTANT | {"reasoning": "a", "thinking": "b"}]}, "two reasonings that differ"),
        (
            {"messages": [USER, ASSISTANT | {"content": "<think>\na\n</think>\n\n2", "reasoning": "b"}]},
            "two reasonings that differ",
        ),
    ],
)
def test_rows_that_are_no_conversation(row: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        imported(tmp_path, row)

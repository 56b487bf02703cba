# ruff: noqa: E501  several values a line
"""Bad text and numbers go through the whole of judging: every trace has verdicts, and they can be written."""

import json
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import make_trace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configs.judging import Judging
from filters.chain import all_filters
from filters.in_worker import full_verdict
from filters.verifiers.evidence import Evidence
from filters.workers import Workers, workers
from records.clean import clean_row, clean_text, is_exact_float, is_int64, number_within
from records.parquet import read_traces, write_rows
from records.schemas import TRACE

JUDGING = Judging(workers=1, timeout_s=5)
PIECES = st.sampled_from(
    ["\ud800", "\udfff", "\x00", "\x000\x00", "<th<think>ink>", "</think>", "<|im_end|>", "\\boxed{", "}", "{", "$", "\\", "\\text{",
     "4", "9" * 5000, "1e999", "-", "nan", "\\frac{", "answer", "The answer is ", "Wait, no: ", "```python\n", "~~~`", "\n", "(B) or ",
     '{"answer": "', "\u202e", "\ufffd", "\ufeff", "é", "答案", " ", "=", "\\int", "^{", "0x", "1/0", "!", "A", ":"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)
NUMBERS = st.integers(-(2**80), 2**80) | st.floats(allow_nan=True, allow_infinity=True)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.sampled_from(string.ascii_uppercase), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = ("tests", "inputs", "outputs", "setup", "entry_point", "cpu_s", "tolerance", "answer", "metadata", "A", "B")
EXTRAS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
TASKS = st.sampled_from(
    ["number_sorting", "puzzle24", "rush_hour", "boxnet", "knights_knaves", "time_intervals", "codeio"]
)


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with workers(JUDGING, all_filters(JUDGING)) as started:
        yield started


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=TEXTS, reference=TEXTS, reasoning=TEXTS, extra=EXTRAS, task=TASKS)
def test_every_trace_has_verdicts_that_can_be_written(
    pool: Workers, tmp_path: Path, answer: str, reference: str, reasoning: str, extra: dict[str, Any], task: str
) -> None:
    entry = extra | {"metadata": {"source_dataset": task, "numbers": [1], "variable": "x", **extra}}
    traces = [
        make_trace(written, reference, reasoning, verifier=verifier, extra=json.dumps(data))
        for verifier, data in (("math", extra), ("choice", extra), ("reasoning_gym", entry))
        for written in (answer, f"\\boxed{{{answer}}}")
    ]
    judged = pool.judge(traces)
    assert all(verdicts for verdicts in judged)
    rows = [
        replace(trace, answer="", reasoning="", reference="", verdicts=verdicts)
        for trace, verdicts in zip(traces, judged, strict=True)
    ]
    write_rows(tmp_path / "judged.parquet", rows, TRACE)
    assert len(list(read_traces(tmp_path / "judged.parquet"))) == len(traces)


WHOLE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""Two halves of one character, which become it."""


@given(TEXTS)
def test_a_clean_text_can_be_written_and_stays_clean(text: str) -> None:
    clean = clean_text(text)
    assert "\x00" not in clean
    assert clean.encode().decode() == clean == clean_text(clean)
    assert len(clean) == len(text) - len(WHOLE_PAIR.findall(text))
    assert clean_row({text: text}) == {clean: clean}


@pytest.mark.parametrize(
    ("value", "kept"),
    [(1, True), (3600, True), (0, False), (3601, False), (float("nan"), False), (True, False), ("9", False)],
)
def test_numbers_within_bounds(value: object, kept: bool) -> None:
    assert (number_within(value, 1, 3600) is not None) == kept


@pytest.mark.parametrize(
    ("value", "fits"), [(2**63 - 1, True), (2**63, False), (-(2**63), True), (-(2**63) - 1, False)]
)
def test_int64(value: int, fits: bool) -> None:
    assert is_int64(value) == fits


def test_exact_floats() -> None:
    assert is_exact_float(2**53)
    assert not is_exact_float(2**53 + 1)


@pytest.mark.parametrize(("characters", "kept"), [(3999, True), (4000, True), (4001, False)])
def test_an_extracted_answer_is_kept_up_to_a_length(characters: int, kept: bool) -> None:
    verdict = full_verdict(Evidence("math", "4", "", f"\\boxed{{{'7' * characters}}}"))
    assert (verdict.outcome, verdict.extracted) == ("fail", "7" * characters if kept else "")

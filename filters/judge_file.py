"""Judges the rows of any JSONL(.gz), JSON or Parquet file, in constant memory. The command is `flows/judge.py`."""

import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from configs.judging import Judging
from filters.lenient import LenientVerdict, lenient_verdict
from filters.reasons import FAIL, PASS, UNKNOWN
from filters.rules.rule import Filter
from filters.table_schema import cell, json_text, schema_of, schema_with
from filters.verifiers.registry import VERIFIERS
from filters.workers import workers
from records.batches import batched_by_size
from records.clean import clean_row
from records.errors import InputError
from records.hashing import problem_id
from records.rows import CODE, FINISHED, FORMAL, MATH, Trace, Verdict
from records.schemas import VERDICT
from records.sole_writer import sole_writer
from records.tables import read_file, text_of
from records.thinking import split_reasoning

LENIENT = {"extraction": pa.string(), "lenient_outcome": pa.string(), "lenient_extracted": pa.string()}
ADDED = {"outcome": pa.string(), "reason": pa.string(), "extracted": pa.string(), "verdicts": pa.list_(VERDICT)}


@dataclass(frozen=True)
class Columns:
    """Names of the columns of the file."""

    reference: str = "reference"
    completion: str = "completion"
    prompt: str = "prompt"
    extra: str = "extra"
    verifier: str = "verifier"


@dataclass(frozen=True)
class RowForm:
    """Says how a row is read as a trace. Made by the command; read by `trace_of`."""

    columns: Columns = Columns()
    verifier: str = "math"
    """The verifier of rows that name none."""
    allowed: frozenset[str] = frozenset()
    """Further verifiers that rows may name. A file is data: which code judges it is the caller's to say."""
    bare: bool = False
    """True if completions are answers without reasoning, which need no closing tag."""
    lenient: bool = False
    """True if answers that are not announced are read as well, in columns of their own."""


def judge_file(source: Path, target: Path, form: RowForm, config: Judging, rules: list[Filter]) -> Counter[str]:
    """Write the rows of `source` with their verdicts to the Parquet file `target`, whole or not at all.

    Returns how many rows had each outcome and reason (`fail: wrong_answer`). Errors: InputError naming file, row and
    column.
    """
    if target.suffix != ".parquet":
        raise InputError(f"{target}: must end in .parquet")
    count, schema = schema_of(source)
    schema = schema_with(schema, ADDED | (LENIENT if form.lenient else {}))
    funnel: Counter[str] = Counter()
    try:
        with (
            sole_writer(target) as temporary,
            workers(config, rules) as pool,
            pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
            tqdm(total=count, unit=" rows", file=sys.stderr, mininterval=2) as bar,
        ):
            rows = ((place, clean_row(row)) for place, row in read_file(source))
            traces = ((in_cells(row, place, schema), trace_of(row, place, form)) for place, row in rows)
            for batch in batched_by_size(pool.stream(traces, lambda pair: pair[1])):
                judged = [with_verdicts(row, trace, verdicts) for (row, trace), verdicts in batch]
                if form.lenient:
                    readings = [
                        lenient_verdict(trace, verdicts[-1], pool.full_verdict) for (_, trace), verdicts in batch
                    ]
                    judged = [row | lenient_columns(one) for row, one in zip(judged, readings, strict=True)]
                    funnel.update(f"lenient, {one.rule}: {one.verdict.outcome}" for one in readings)
                writer.write_table(pa.Table.from_pylist(judged, schema=schema))
                funnel.update(
                    f"{row['outcome']}: {row['reason']}" if row["reason"] else row["outcome"] for row in judged
                )
                bar.update(len(batch))
                bar.set_postfix(accepted=funnel[PASS])
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error})") from error
    return funnel


def trace_of(row: dict[str, Any], place: str, form: RowForm) -> Trace:
    """Return the row as filters see it: reasoning and answer are split as in a run, unless completions are bare."""
    verifier = str(row.get(form.columns.verifier) or form.verifier)
    if verifier not in VERIFIERS:
        raise InputError(f"{place}: no verifier {verifier!r}; known verifiers are {', '.join(sorted(VERIFIERS))}")
    if verifier not in form.allowed | {form.verifier}:
        raise InputError(f"{place}: names the verifier {verifier!r}; allow it with --allow {verifier}")
    completion = text_of(row, form.columns.completion, place, may_be_empty=True)
    reasoning, answer, closed = ("", completion, True) if form.bare else split_reasoning(completion)
    extra = row.get(form.columns.extra) or ""
    return undrawn_trace(
        str(row.get(form.columns.prompt) or ""),
        reasoning,
        answer,
        closed=closed,
        reference=reference_of(row, verifier, place, form),
        verifier=verifier,
        extra=extra if isinstance(extra, str) else json_text(extra, place),
    )


def undrawn_trace(
    prompt: str,
    reasoning: str,
    answer: str,
    *,
    closed: bool = True,
    reference: str = "",
    verifier: str = MATH,
    extra: str = "",
) -> Trace:
    """Return the trace of a completion that no run drew: it tells nothing of a teacher, a seed or tokens."""
    return Trace(
        problem_id=problem_id(prompt),
        attempt=0,
        sample_index=0,
        prompt=prompt,
        reference=reference,
        verifier=verifier,
        source="",
        extra=extra,
        reasoning=reasoning,
        answer=answer,
        closed=closed,
        finish_reason=FINISHED,
        prompt_tokens=0,
        completion_tokens=0,
        seed=0,
        teacher="",
        request_fingerprint="",
    )


def reference_of(row: dict[str, Any], verifier: str, place: str, form: RowForm) -> str:
    """Return a row's reference. Programs are judged by tests and formal problems by their statement: neither needs one.
    An empty reference is judged unverifiable."""
    column = form.columns.reference
    if verifier in (CODE, FORMAL) and row.get(column) is None:
        return ""
    return text_of(row, column, place, may_be_empty=True)


def in_cells(row: dict[str, Any], place: str, schema: pa.Schema) -> dict[str, Any]:
    """Return the row's own columns as the schema has them."""
    return {name: cell(value, schema.field(name).type, place) for name, value in row.items() if name not in ADDED}


def with_verdicts(row: dict[str, Any], trace: Trace, verdicts: list[Verdict]) -> dict[str, Any]:
    deciding = next((v for outcome in (FAIL, UNKNOWN) for v in verdicts if v.outcome == outcome), verdicts[-1])
    return row | {
        "outcome": deciding.outcome,
        "reason": deciding.reason,
        "extracted": verdicts[-1].extracted,
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }


def lenient_columns(lenient: LenientVerdict) -> dict[str, str]:
    return {
        "extraction": lenient.rule,
        "lenient_outcome": lenient.verdict.outcome,
        "lenient_extracted": lenient.verdict.extracted,
    }

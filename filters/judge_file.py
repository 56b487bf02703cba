"""`python -m filters.judge`: judges the rows of any JSONL(.gz), JSON or Parquet file, in constant memory."""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from configs.judging import Judging
from configs.load import ConfigError, load_config
from filters.chain import trace_filters
from filters.reasons import FAIL, PASS, UNKNOWN
from filters.rules.answer_format import AnswerFormat
from filters.verifiers.registry import VERIFIERS
from filters.workers import Filter, workers
from records.errors import InputError
from records.files import sync
from records.parquet import VERDICT, batched
from records.rows import CODE, FINISHED, Trace, Verdict
from records.tables import Row, read_file, text_of

OPEN, CLOSE = "<think>", "</think>"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
ADDED = {"outcome": pa.string(), "reason": pa.string(), "extracted": pa.string(), "verdicts": pa.list_(VERDICT)}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m filters.judge",
        description="Judge completions against references. Writes IN's rows with the columns outcome (pass, fail, "
        "unknown), reason, extracted and verdicts to the Parquet file OUT, and prints the funnel.",
    )
    parser.add_argument("input", type=Path, metavar="IN", help=".jsonl, .jsonl.gz, .json or .parquet")
    parser.add_argument("output", type=Path, metavar="OUT", help=".parquet")
    parser.add_argument("--config", help="a pair's YAML: the filters of its section `judging`, its limits and workers")
    parser.add_argument(
        "--verifier", choices=sorted(VERIFIERS), default="math", help="for rows without a column `verifier`"
    )
    parser.add_argument(
        "--bare", action="store_true", help="take the completion as it is: no closed <think> is required"
    )
    for column in ("reference", "completion", "prompt", "extra", "verifier"):
        parser.add_argument(
            f"--{column}-column", default=column, metavar="NAME", help=f"column that holds the {column}"
        )
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    try:
        if arguments.config:
            config = load_config(arguments.config).judging
            funnel = judge_file(arguments, config, trace_filters(config))
        else:
            funnel = judge_file(arguments, Judging(), [] if arguments.bare else [AnswerFormat(require_box=False)])
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    total = max(funnel.total(), 1)
    for name, count in funnel.most_common():
        print(f"{name:32}{count:>12,}{count / total:>9.1%}")
    return 0


def judge_file(arguments: argparse.Namespace, config: Judging, rules: list[Filter]) -> Counter[str]:
    """Write OUT under a temporary name, then rename. Errors: InputError naming file, row and column."""
    if arguments.output.suffix != ".parquet":
        raise InputError(f"{arguments.output}: must end in .parquet")
    count, schema = schema_of(arguments.input)
    for name, kind in ADDED.items():
        at = schema.get_field_index(name)
        schema = schema.set(at, pa.field(name, kind)) if at >= 0 else schema.append(pa.field(name, kind))
    funnel: Counter[str] = Counter()
    temporary = arguments.output.with_name(f".{arguments.output.name}.tmp")
    try:
        with (
            workers(config, rules) as pool,
            pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
            tqdm(total=count, unit=" rows", file=sys.stderr, mininterval=2) as bar,
        ):
            rows = ((place, whole_characters(row)) for place, row in read_file(arguments.input))
            traces = ((row, trace_of(row, place, arguments)) for place, row in rows)
            for batch in batched(pool.stream(traces, lambda given: given[1])):
                judged = [with_verdicts(row, trace, verdicts, schema) for (row, trace), verdicts in batch]
                writer.write_table(pa.Table.from_pylist(judged, schema=schema))
                funnel.update(
                    f"{row['outcome']}: {row['reason']}" if row["reason"] else row["outcome"] for row in judged
                )
                bar.update(len(batch))
                bar.set_postfix(accepted=funnel[PASS])
        sync(temporary)
        temporary.rename(arguments.output)
    except OSError as error:
        raise InputError(f"{arguments.output}: cannot be written ({error.strerror or error})") from error
    finally:
        temporary.unlink(missing_ok=True)
    return funnel


def trace_of(row: dict[str, Any], place: str, arguments: argparse.Namespace) -> Trace:
    """The row as filters see it: what stands before the last `</think>` is reasoning, unless completions are bare."""
    verifier = str(row.get(arguments.verifier_column) or arguments.verifier)
    if verifier not in VERIFIERS:
        raise InputError(f"{place}: no verifier {verifier!r}; there are {', '.join(sorted(VERIFIERS))}")
    completion = text_of(row, arguments.completion_column, place, may_be_empty=True)
    before, close, after = completion.rpartition(CLOSE)
    extra = row.get(arguments.extra_column) or ""
    return Trace(
        problem_id=place,
        attempt=0,
        sample_index=0,
        prompt=str(row.get(arguments.prompt_column) or ""),
        reference=reference_of(row, verifier, place, arguments),
        verifier=verifier,
        source="",
        extra=extra if isinstance(extra, str) else json.dumps(extra, default=str),
        reasoning="" if arguments.bare else (before if close else completion).strip().removeprefix(OPEN).strip(),
        answer=completion if arguments.bare else after.strip() if close else "",
        closed=bool(close) or arguments.bare,
        finish_reason=FINISHED,
        prompt_tokens=0,
        completion_tokens=0,
        seed=0,
        teacher="",
        request_fingerprint="",
    )


def reference_of(row: dict[str, Any], verifier: str, place: str, arguments: argparse.Namespace) -> str:
    """Programs are judged by tests and need no reference; an empty one is judged unverifiable."""
    column = arguments.reference_column
    return "" if verifier == CODE and row.get(column) is None else text_of(row, column, place, may_be_empty=True)


def with_verdicts(row: dict[str, Any], trace: Trace, verdicts: list[Verdict], schema: pa.Schema) -> dict[str, Any]:
    kept = {name: cell(value, schema.field(name).type) for name, value in row.items() if name not in ADDED}
    deciding = next((v for outcome in (FAIL, UNKNOWN) for v in verdicts if v.outcome == outcome), verdicts[-1])
    extracted = [verdict.detail for verdict in verdicts if verdict.filter == trace.verifier != CODE]
    return kept | {
        "outcome": deciding.outcome,
        "reason": deciding.reason,
        "extracted": "".join(extracted),
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }


def whole_characters(row: dict[str, Any]) -> dict[str, Any]:
    """A model's output may be cut inside a character: what JSON then holds (a lone surrogate) cannot be written."""
    broken = [name for name, value in row.items() if isinstance(value, str) and LONE_SURROGATE.search(value)]
    return row | {name: LONE_SURROGATE.sub("\ufffd", row[name]) for name in broken} if broken else row


def cell(value: Any, kind: pa.DataType) -> Any:
    """Columns that mix types or nest are kept as JSON text."""
    if value is None or not pa.types.is_string(kind) or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def schema_of(path: Path) -> tuple[int, pa.Schema]:
    """Rows, and a type for every column that occurs. Errors: InputError for an empty file."""
    if path.name.endswith(".parquet") and path.is_file():
        try:
            metadata = pq.read_metadata(path)
            return not_empty(metadata.num_rows, path), metadata.schema.to_arrow_schema().remove_metadata()
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{path}: not a readable Parquet file ({error})") from error
    kinds: dict[str, set[type]] = {}
    count = 0
    for _, row in progress_over(read_file(path)):
        count += 1
        for name, value in row.items():
            kinds.setdefault(name, set()).add(type(value))
    not_empty(count, path)
    return count, pa.schema([(name, kind_of(found - {type(None)})) for name, found in kinds.items()])


def progress_over(rows: Iterator[Row]) -> Iterator[Row]:
    return iter(tqdm(rows, desc="reading", unit=" rows", file=sys.stderr, mininterval=2, leave=False))


def not_empty(count: int, path: Path) -> int:
    if not count:
        raise InputError(f"{path}: has no rows")
    return count


def kind_of(found: set[type]) -> pa.DataType:
    for kinds, arrow in (({bool}, pa.bool_()), ({int}, pa.int64()), ({int, float}, pa.float64())):
        if found and found <= kinds:
            return arrow
    return pa.string()

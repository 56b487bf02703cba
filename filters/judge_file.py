"""`python -m filters.judge`: judges the rows of any JSONL(.gz), JSON or Parquet file, in constant memory."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from configs.load import ConfigError, load_config
from configs.schema import Judging
from filters.reasons import BAD_FORMAT, FAIL, PASS
from filters.verifiers import VERIFIERS, Evidence, verifiers
from records.errors import InputError
from records.parquet import VERDICT, batched, sync
from records.rows import Verdict
from records.tables import Row, read_file, text_of

CLOSE = "</think>"
ADDED = {"outcome": pa.string(), "reason": pa.string(), "extracted": pa.string(), "verdicts": pa.list_(VERDICT)}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m filters.judge",
        description="Judge completions against references. Writes IN's rows with the columns outcome (pass, fail, "
        "unknown), reason, extracted and verdicts to the Parquet file OUT, and prints the funnel.",
    )
    parser.add_argument("input", type=Path, metavar="IN", help=".jsonl, .jsonl.gz, .json or .parquet")
    parser.add_argument("output", type=Path, metavar="OUT", help=".parquet")
    parser.add_argument("--config", help="a pair's YAML; its section `judging` sets limits and workers")
    parser.add_argument("--verifier", choices=sorted(VERIFIERS), default="math", help="for rows without a column `verifier`")
    parser.add_argument("--bare", action="store_true", help="take the completion as it is: no closed <think> is required")
    for column in ("reference", "completion", "extra", "verifier"):
        parser.add_argument(f"--{column}-column", default=column, metavar="NAME", help=f"column that holds the {column}")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    try:
        config = load_config(arguments.config).judging if arguments.config else Judging()
        funnel = judge_file(arguments, config)
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


def judge_file(arguments: argparse.Namespace, config: Judging) -> Counter[str]:
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
            verifiers(config.workers, config.timeout_s, config.memory_mib) as pool,
            pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
            tqdm(total=count, unit=" rows", file=sys.stderr, mininterval=2) as bar,
        ):
            for rows in batched(read_file(arguments.input)):
                cases = [case_of(row, place, arguments) for place, row in rows]
                asked = [case for case in cases if isinstance(case, Evidence)]
                verified = iter(pool.verify(asked))
                verdicts = [next(verified) if isinstance(case, Evidence) else case for case in cases]
                judged = [with_verdict(row, verdict, schema) for (_, row), verdict in zip(rows, verdicts, strict=True)]
                writer.write_table(pa.Table.from_pylist(judged, schema=schema))
                funnel.update(f"{v.outcome}: {v.reason}" if v.reason else v.outcome for v in verdicts)
                bar.update(len(rows))
                bar.set_postfix(accepted=funnel[PASS])
        sync(temporary)
        temporary.rename(arguments.output)
    except OSError as error:
        raise InputError(f"{arguments.output}: cannot be written ({error.strerror or error})") from error
    finally:
        temporary.unlink(missing_ok=True)
    return funnel


def case_of(row: dict[str, Any], place: str, arguments: argparse.Namespace) -> Evidence | Verdict:
    """What the verifier will see, or the verdict where there is nothing to see."""
    verifier = str(row.get(arguments.verifier_column) or arguments.verifier)
    if verifier not in VERIFIERS:
        raise InputError(f"{place}: no verifier {verifier!r}; there are {', '.join(sorted(VERIFIERS))}")
    reference = text_of(row, arguments.reference_column, place, may_be_empty=True)
    completion = text_of(row, arguments.completion_column, place, may_be_empty=True)
    extra = row.get(arguments.extra_column) or ""
    if not arguments.bare:
        before, close, completion = completion.rpartition(CLOSE)
        if not close:
            return Verdict("answer_format", "1", FAIL, BAD_FORMAT, "reasoning never closed")
    return Evidence(verifier, reference, extra if isinstance(extra, str) else json.dumps(extra), completion)


def with_verdict(row: dict[str, Any], verdict: Verdict, schema: pa.Schema) -> dict[str, Any]:
    kept = {name: cell(value, schema.field(name).type) for name, value in row.items() if name not in ADDED}
    entry = {field.name: getattr(verdict, field.name) for field in VERDICT}
    return kept | {"outcome": verdict.outcome, "reason": verdict.reason, "extracted": verdict.detail, "verdicts": [entry]}


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

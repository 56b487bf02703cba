"""Measures what `sampling.logprobs` costs: the sampling loop's tokens/s with and without, and bytes per token.

    python -m bench.logprobs [--traces N] [--json FILE]

**Loop**: completions of 1,000 tokens are there at once, with 0, 10 and 20 logprobs for each token. Measured is what
journal and Parquet take, without an engine, and the peak memory.

**Bytes per token** in Parquet (zstd), 10 logprobs each, in the form that is written and in others. The distributions
are made: a few thousand candidates out of 150,000 ids with a heavy tail, normal logits of a spread that differs from
place to place, median probability of the best token 0.3.
"""

import argparse
import io
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.adaptive import quiet, write_problems
from bench.sampling import apart
from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from records.logprob_files import OF_TRACES, write_with_logprobs
from records.logprobs import TokenLogprobs, from_text, of_lists
from records.requests import Completion, Request
from records.rows import FINISHED
from records.thinking import join_reasoning
from teacher.engines.fake import FakeSampler
from teacher.sampling.stage import SamplingJob, sample_traces

TOKENS, K, CANDIDATES, IDS = 1000, 10, 2000, 150_000
MADE = 100
"""Different completions, which follow each other in turn: further apart than zstd looks back."""
OPTIONS: dict[str, dict[str, Any]] = {
    "lists, Parquet's defaults": {},
    "lists, no dictionary": {"use_dictionary": False},
    "lists, byte streams split": {"use_dictionary": False, "use_byte_stream_split": True},
}
Entry = dict[str, Any]
Arrays = tuple[Any, Any, Any, Any]


def made_arrays(draw: np.random.Generator, k: int, n: int = TOKENS) -> Arrays:
    """Return the tokens of a completion and their logprobs, and the k most probable tokens and theirs, unrounded."""
    ids, logprobs = np.empty((n, k), np.int32), np.empty((n, k))
    tokens, own = np.empty(n, np.int32), np.empty(n)
    order = np.random.default_rng(0).permutation(IDS)
    for at in range(n):
        found = order[np.unique(np.minimum(draw.zipf(1.3, CANDIDATES), IDS) - 1)]
        logits = draw.normal(0, draw.gamma(2.0, 1.5) + 0.8, len(found))
        logits -= np.log(np.exp(logits).sum())
        best = np.argsort(-logits)[:k]
        drawn = draw.choice(len(found), p=np.exp(logits) / np.exp(logits).sum())
        ids[at], logprobs[at], tokens[at], own[at] = found[best], logits[best], found[drawn], logits[drawn]
    return tokens, own, ids, logprobs


class Instant(FakeSampler):
    """Answers at once, with logprobs that were made before."""

    def __init__(self, made: list[TokenLogprobs]) -> None:
        super().__init__(FakeTeacher(kind="fake"))
        self.made, self.text = made, join_reasoning("step " * (TOKENS - 5), "\\boxed{3}")

    def draw(self, request: Request) -> Completion:
        k = request.settings.logprobs
        logprobs = self.made[request.seed % MADE].first(k) if k else None
        return Completion(request, self.text, FINISHED, 30, TOKENS, logprobs=logprobs)


def loop(folder: Path, traces: int, made: Path) -> Iterator[Entry]:
    problems = write_problems(folder / "problems", traces // 4)
    plain = 0.0
    for k in (None, K, 2 * K):
        out = folder / f"loop-{k}"
        out.mkdir()
        seconds, peak = apart(timed, out, problems, k, made)
        rate = traces * TOKENS / seconds
        plain = plain or rate
        yield {"name": f"loop, {k or 'no'} logprobs", "ours": round(rate), "unit": f"tokens/s, {rate / plain:.2f}"}
        yield {"name": "  time", "ours": round(1e6 * seconds / traces / TOKENS, 2), "unit": "µs/token"}
        yield {"name": "  peak memory", "ours": peak, "unit": "MiB"}


def timed(out: Path, problems: Path, k: int | None, made: Path) -> float:
    some = list(map(from_text, made.read_text().splitlines()))
    sampling = TeacherSampling(n=4, max_tokens=TOKENS, logprobs=k)
    job = SamplingJob(problems, sampling, Prompt(), "m", "fake")
    started = time.perf_counter()
    sample_traces(out, job, lambda: Instant(some), quiet)
    return time.perf_counter() - started


def forms(folder: Path, made: list[Arrays]) -> Iterator[Entry]:
    """Compare the forms on the same completions."""
    tokens = TOKENS * len(made)
    rows = (({"problem_id": "p", "attempt": 0, "sample_index": at}, one) for at, one in enumerate(rounded(made)))
    write_with_logprobs(folder / "written.parquet", rows, OF_TRACES)
    yield form("as written: float16, byte streams split", (folder / "written.parquet").stat().st_size, tokens)
    whole = [np.concatenate(arrays) for arrays in zip(*made, strict=True)]
    for kind in ("float16", "float32"):
        numbers = [array.astype(kind) if array.dtype == np.float64 else array for array in whole]
        for name, options in OPTIONS.items():
            columns = {str(at): lists(array, len(made)) for at, array in enumerate(numbers)}
            yield form(f"{kind}, {name}", written(pa.table(columns), **options), tokens)
        blobs = {str(at): [part.tobytes() for part in np.split(array, len(made))] for at, array in enumerate(numbers)}
        yield form(f"{kind}, bytes", written(pa.table(blobs), use_dictionary=False), tokens)


def rounded(made: list[Arrays]) -> list[TokenLogprobs]:
    return [of_lists("bench", *arrays) for arrays in made]


def lists(array: np.ndarray, rows: int) -> pa.Array:
    offsets = np.arange(rows + 1) * (array.size // rows)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(array.reshape(-1)))


def written(table: pa.Table, **options: Any) -> int:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", **options)
    return len(buffer.getvalue())


def form(name: str, size: int, tokens: int) -> Entry:
    return {"name": name, "ours": round(size / tokens, 1), "unit": "bytes/token"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=4000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    draw = np.random.default_rng(1)
    made = [made_arrays(draw, 2 * K) for _ in range(MADE)]
    fewer = [(tokens, own, ids[:, :K], logprobs[:, :K]) for tokens, own, ids, logprobs in made]
    entries = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        texts = folder / "made.txt"
        texts.write_text("\n".join(one.to_text() for one in rounded(made)))
        measured = loop(folder, arguments.traces, texts), forms(folder, fewer)
        for entry in (entry for part in measured for entry in part):
            entries.append(entry)
            print(f"{entry['name']:45}{entry['ours']:>12,}  {entry['unit']}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()

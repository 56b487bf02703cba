"""Compares scoring with the bare model's forward pass over the same batches, side by side in one run.

    python -m bench.scorers [--traces N] [--rounds N] [--hidden N] [--layers N] [--json FILE]

Ours is the whole stage: judged traces from Parquet, splitting, tokenizing, batches, scores into Parquet. Bare is the
model alone on ready tensors of the same batches, outcome and process. The order alternates from round to round, and one
round before them warms up. The models have random weights; the device is a GPU if there is one.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import Qwen3Config, Qwen3ForSequenceClassification, Qwen3ForTokenClassification

from configs.scorers import OutcomeScorer, ProcessScorer
from filters.scorers.heads import padded
from filters.scorers.models import OutcomeModel, ProcessModel, Written, scores_of
from filters.scorers.score import score_share
from filters.scorers.scoring import TraceText
from records.hashing import problem_id
from records.parquet import TRACE, write_rows
from records.rows import MATH, Trace
from records.share import WorkerSlot
from student.scratch.model import make_tokenizer

HEADS: dict[str, Any] = {"outcome": (Qwen3ForSequenceClassification, 1), "process": (Qwen3ForTokenClassification, 2)}


def made_traces(count: int) -> list[Trace]:
    """Return traces of 4 to 60 steps, as long as the embedded teacher's and longer."""
    traces = []
    for at in range(count):
        lines = [f"{at + step} + {step} = {at + 2 * step}, so we go on." for step in range(4 + at * 7 % 57)]
        prompt = f"What is {at} + {at}?"
        shared: dict[str, Any] = {"problem_id": problem_id(prompt), "prompt": prompt, "reference": str(2 * at)}
        shared |= {"attempt": 0, "sample_index": at, "verifier": MATH, "source": "made", "extra": "", "closed": True}
        shared |= {"finish_reason": "stop", "prompt_tokens": 0, "completion_tokens": 0, "seed": 0, "teacher": "made"}
        answer = f"\\boxed{{{2 * at}}}"
        traces.append(Trace(**shared, reasoning="\n".join(lines), answer=answer, request_fingerprint=""))
    return traces


def make_model(folder: Path, kind: str, hidden: int, layers: int) -> None:
    texts = ["What is 12 + 34?", "12 + 34 = 46, so we go on.", "\\boxed{46}"] * 8
    tokenizer = make_tokenizer(texts, 320, 8192)
    auto, labels = HEADS[kind]
    heads = max(1, hidden // 64)
    config = Qwen3Config(
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        head_dim=64,
        vocab_size=320,
        max_position_embeddings=8192,
        pad_token_id=tokenizer.pad_token_id,
    )
    config.num_labels = labels
    auto(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


class Recorded:
    """Stands before a model's `scores` and keeps the batches that pass through it."""

    def __init__(self, model: OutcomeModel | ProcessModel) -> None:
        self.model, self.limit, self.batch_tokens = model, model.limit, model.batch_tokens
        self.batches: list[list[list[int]]] = []

    def scores(self, batch: Sequence[Written]) -> Any:
        self.batches.append([ids for ids, _ in batch])
        return self.model.scores(batch)


def batches_of(model: OutcomeModel | ProcessModel, traces: list[Trace]) -> list[list[list[int]]]:
    """Return the batches of token ids that scoring these traces passes through the model."""
    texts = [TraceText(one.prompt, one.reasoning, one.answer, one.closed) for one in traces]
    if isinstance(model, OutcomeModel):
        written = [model.write(text) for text in texts]
    else:
        written = [model.write(text.prompt, text.steps()) for text in texts]
    recorded = Recorded(model)
    scores_of(written, recorded, lambda *_: None)
    return recorded.batches


def bare(model: OutcomeModel | ProcessModel, batches: list[list[list[int]]]) -> Callable[[], None]:
    inner = model.model
    ready = [padded(rows, inner.config.pad_token_id, inner.device) for rows in batches]

    def run() -> None:
        with torch.inference_mode():
            for ids, mask in ready:
                inner(input_ids=ids, attention_mask=mask).logits.sum().item()  # waits for a GPU

    return run


def measure(kind: str, arguments: argparse.Namespace, place: Path) -> dict[str, Any]:
    traces = made_traces(arguments.traces)
    (place / "judged").mkdir(parents=True)
    write_rows(place / "judged" / "judged-00000.parquet", traces, TRACE)
    make_model(place / "model", kind, arguments.hidden, arguments.layers)
    dtype = "bfloat16" if torch.cuda.is_available() else "float32"
    given: dict[str, Any] = {"kind": kind, "path": str(place / "model"), "dtype": dtype}
    model: OutcomeModel | ProcessModel
    if kind == "outcome":
        model = OutcomeModel(OutcomeScorer(**given), str(place / "model"))
    else:
        model = ProcessModel(ProcessScorer(**given), str(place / "model"))
    batches = batches_of(model, traces)
    tokens = sum(len(row) for batch in batches for row in batch)
    whole = sum(len(batch) * max(map(len, batch)) for batch in batches)

    def stage(number: int) -> None:
        folder = place / f"scores-{number}"
        folder.mkdir()
        score_share(folder, place / "judged", "made", lambda: model, lambda *_, **__: None, WorkerSlot())

    forward, seconds = bare(model, batches), dict[str, list[float]](ours=[], bare=[])
    for number in range(arguments.rounds + 1):
        turns: dict[str, Callable[[], object]] = {"ours": partial(stage, number), "bare": forward}
        for name in turns if number % 2 else reversed(turns):
            started = time.perf_counter()
            turns[name]()
            if number:
                seconds[name].append(time.perf_counter() - started)
    ratios = [ours / alone for ours, alone in zip(seconds["ours"], seconds["bare"], strict=True)]
    speeds = {f"{name}, tokens/s": round(tokens / median(several)) for name, several in seconds.items()}
    spread = {"bare to ours": round(1 / median(ratios), 3), "lowest": 1 / max(ratios), "highest": 1 / min(ratios)}
    return {"scorer": kind, "tokens": tokens, "padding": round(1 - tokens / whole, 4), **speeds, **spread}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(kind, arguments, Path(folder) / kind) for kind in HEADS]
    for row in rows:
        print(
            ", ".join(
                f"{name} {value:,.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items()
            )
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()

"""Compares scoring in transformers and in vLLM with what each does by itself, side by side in one run.

    python -m bench.scorers [--traces N] [--rounds N] [--hidden N] [--layers N] [--json FILE]

Ours is the whole stage: judged traces from Parquet, splitting, tokenizing, scores into Parquet. Beside it stands the
engine alone with ready tokens: of transformers the model's forward pass over the same batches, of vLLM its `LLM.encode`
in the same engine. Both kinds of scorers, outcome and process. The order alternates from round to round, and one round
before them warms up. The models have random weights; the device is a GPU if there is one.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import Qwen3Config, Qwen3ForSequenceClassification, Qwen3ForTokenClassification

from configs.models import Engine
from configs.scorers import OutcomeScorer, ProcessScorer
from filters.scorers.batches import batches
from filters.scorers.heads import padded
from filters.scorers.models import OutcomeModel, ProcessModel
from filters.scorers.score import score_share
from filters.scorers.scoring import TraceText
from records.hashing import problem_id
from records.parquet import write_rows
from records.pooling import Pooling
from records.rows import MATH, Trace
from records.schemas import TRACE
from records.share import WorkerSlot
from student.scratch.model import make_tokenizer
from teacher.engines.vllm_pooling import PoolingEngine, pooling_arguments

Model = OutcomeModel | ProcessModel

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


def load(kind: str, folder: Path, serve: Any = None) -> Model:
    dtype = "bfloat16" if torch.cuda.is_available() else "float32"
    given: dict[str, Any] = {"kind": kind, "path": str(folder), "dtype": dtype}
    if kind == "outcome":
        return OutcomeModel(OutcomeScorer(**given), str(folder), serve)
    return ProcessModel(ProcessScorer(**given), str(folder), serve)


def tokens_of(model: Model, traces: list[Trace]) -> list[list[int]]:
    """Return the tokens of every trace, as a scorer writes them."""
    texts = [TraceText(one.prompt, one.reasoning, one.answer, one.closed) for one in traces]
    if isinstance(model, OutcomeModel):
        written = [model.write(text) for text in texts]
    else:
        written = [model.write(text.prompt, text.steps()) for text in texts]
    return [list(one[0]) for one in written if not isinstance(one, str)]


def forward(model: Any, ids: list[list[int]], batch_tokens: int) -> Callable[[], None]:
    """Return the forward pass of a model in transformers over the batches that its scorer makes."""
    several = [[ids[at] for at in batch] for batch in batches(list(map(len, ids)), batch_tokens)]
    ready = [padded(rows, model.config.pad_token_id, model.device) for rows in several]

    def run() -> None:
        with torch.inference_mode():
            for rows, mask in ready:
                model(input_ids=rows, attention_mask=mask).logits.sum().item()  # waits for a GPU

    return run


def start_vllm(path: Path, context: int, pooling: Pooling) -> tuple[Any, PoolingEngine]:
    """Return vLLM's LLM, and our engine around the same LLMEngine."""
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    from vllm import LLM

    from teacher.engines.vllm_engine import PoolingTask, pooler_config

    dtype = "bfloat16" if torch.cuda.is_available() else "float32"
    engine = Engine(enforce_eager=True)
    arguments = pooling_arguments(str(path), dtype, context, engine, pooling)
    task: PoolingTask = "token_classify" if pooling.every_token else "classify"
    llm = LLM(**arguments | {"pooler_config": pooler_config(task)})
    return llm, PoolingEngine(str(path), dtype, context, engine, pooling, llm.llm_engine)


def encode(llm: Any, engine: PoolingEngine, ids: list[list[int]]) -> Callable[[], None]:
    from teacher.engines.vllm_engine import pooling_params

    prompts = [{"prompt_token_ids": row} for row in ids]

    def run() -> None:
        found = llm.encode(prompts, pooling_params(engine.task), pooling_task=engine.task, use_tqdm=False)
        assert len(found) == len(prompts)

    return run


def measure(kind: str, arguments: argparse.Namespace, place: Path) -> list[dict[str, Any]]:
    """Return a row for each engine."""
    traces = made_traces(arguments.traces)
    (place / "judged").mkdir(parents=True)
    write_rows(place / "judged" / "judged-00000.parquet", traces, TRACE)
    make_model(place / "model", kind, arguments.hidden, arguments.layers)
    plain, started = load(kind, place / "model"), list[Any]()

    def serve(*given: Any) -> PoolingEngine:
        started.extend(start_vllm(*given))
        engine: PoolingEngine = started[1]
        return engine

    served = load(kind, place / "model", serve)
    ids, reader = tokens_of(plain, traces), plain.reader
    assert ids == tokens_of(served, traces)

    def stage(model: Model, name: str, number: int) -> None:
        folder = place / f"{name}-{number}"
        folder.mkdir()
        score_share(folder, place / "judged", "made", lambda: model, lambda *_, **__: None, WorkerSlot())

    bare = forward(reader.model, ids, reader.batch_tokens)  # type: ignore[attr-defined]
    raw, seconds = encode(started[0], started[1], ids), dict[str, list[float]]()
    for number in range(arguments.rounds + 1):
        turns: dict[str, Callable[[], object]] = {
            "transformers": partial(stage, plain, "transformers", number),
            "transformers alone": bare,
            "vllm": partial(stage, served, "vllm", number),
            "vllm alone": raw,
        }
        for name in turns if number % 2 else reversed(turns):
            began = time.perf_counter()
            turns[name]()
            if number:
                seconds.setdefault(name, []).append(time.perf_counter() - began)
    started[1].close()
    return [row_of(kind, name, sum(map(len, ids)), seconds) for name in ("transformers", "vllm")]


def row_of(kind: str, engine: str, tokens: int, seconds: dict[str, list[float]]) -> dict[str, Any]:
    ours, alone = seconds[engine], seconds[f"{engine} alone"]
    ratios = [one / other for one, other in zip(alone, ours, strict=True)]
    row: dict[str, Any] = {"scorer": kind, "engine": engine, "tokens": tokens}
    row |= {"ours": round(tokens / median(ours)), "alone": round(tokens / median(alone))}
    return row | {"ratio": round(median(ratios), 3), "lowest": round(min(ratios), 3), "highest": round(max(ratios), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for kind in HEADS for row in measure(kind, arguments, Path(folder) / kind)]
    print(f"{'tokens/s, median':32}{'ours':>12}{'alone':>12}{'ratio':>8}  by round")
    for row in rows:
        name = f"{row['scorer']}, {row['engine']}"
        spread = f"{row['lowest']} to {row['highest']}"
        print(f"{name:32}{row['ours']:>12,}{row['alone']:>12,}{row['ratio']:>8}  {spread}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()

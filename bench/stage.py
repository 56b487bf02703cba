"""The whole sampling stage against vLLM's own `LLM.generate`, on the same engine and the same requests, in one run.

    python -m bench.stage [--problems N] [--rounds N] [--ahead F] [--json FILE]

Ours: problems from Parquet, prompts rendered, requests keyed, every trace journaled, Parquet and manifest's accounts
written. Theirs: rendered prompts in, outputs in memory. The teacher is the demo's (`make demo` makes it). Both draw the
same tokens: per-request seeds. Rounds alternate in order; the first only warms up.
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

from bench.adaptive import quiet
from configs.load import load_config
from configs.models import VllmTeacher
from configs.sampling import TeacherSampling
from configs.sources import GeneratedProblems
from records.artifact import request_seed
from records.parquet import read_problems, read_traces
from teacher.problems import write_problems
from teacher.prompts import to_messages
from teacher.sampling.stage import Work, sample_traces


def start(teacher: VllmTeacher, path: str) -> Any:
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    from vllm import LLM

    return LLM(
        model=path,
        dtype=teacher.dtype,
        max_model_len=teacher.max_model_len,
        max_num_seqs=teacher.engine.max_num_seqs,
        enforce_eager=teacher.engine.enforce_eager,
        enable_prefix_caching=True,
        enable_chunked_prefill=False,
        max_num_batched_tokens=max(8192, teacher.max_model_len),
        disable_log_stats=True,
    )


def theirs(llm: Any, prompts: list[str], seeds: list[int], sampling: TeacherSampling) -> tuple[int, float]:
    from vllm import SamplingParams

    shape: dict[str, Any] = {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k}
    each = [SamplingParams(**shape, max_tokens=sampling.max_tokens, seed=seed) for seed in seeds]
    started = time.perf_counter()
    outputs = llm.generate(prompts, each, use_tqdm=False)
    return sum(len(output.outputs[0].token_ids) for output in outputs), time.perf_counter() - started


def ours(
    llm: Any, folder: Path, problems: Path, teacher: VllmTeacher, path: str, sampling: TeacherSampling, ahead: float
) -> tuple[int, float]:
    from teacher import vllm_sampler

    class OnTheSameEngine(vllm_sampler.VllmSampler):
        def close(self) -> None:
            pass

    vllm_sampler.start_engine = lambda model, path: llm.llm_engine
    sampler = OnTheSameEngine(teacher, path, ahead)
    folder.mkdir()
    started = time.perf_counter()
    work = Work(problems, sampling, teacher.prompt, "m", teacher.name)
    counts = sample_traces(folder, work, lambda: sampler, quiet)
    return counts["reasoning_tokens"] + counts["answer_tokens"], time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--ahead", type=float, default=8.0, help="requests handed over per completion in flight")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    config = load_config("configs/tiny.yaml")
    teacher, own = config.teacher, config.sampling
    assert isinstance(teacher, VllmTeacher)
    assert own is not None
    shape = {"temperature": own.temperature, "top_p": own.top_p, "max_tokens": own.max_tokens}
    sampling = TeacherSampling.model_validate(shape | {"n": 4})
    found = sorted(Path("runs/tiny").glob("teacher-from-scratch-*"))
    if not found:
        raise SystemExit("no teacher in runs/tiny: run `make demo` first")
    source = config.problems[0]
    assert isinstance(source, GeneratedProblems)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        write_problems(place, [source.model_copy(update={"size": arguments.problems, "seed": 7_000_000})], set())
        problems = place / "problems"
        problems.mkdir()
        (place / "problems.parquet").rename(problems / "problems.parquet")
        llm = start(teacher, str(found[-1]))
        tokenizer = llm.get_tokenizer()
        prompts, seeds = [], []
        for problem in read_problems(problems):
            messages = to_messages(problem.prompt, teacher.prompt)
            prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            for index in range(sampling.n):
                prompts.append(prompt)
                seeds.append(request_seed(sampling.seed, problem.id, index))
        rates: dict[str, list[float]] = {"ours": [], "theirs": []}
        for number in range(arguments.rounds):
            draws: dict[str, Callable[[], tuple[int, float]]] = {
                "theirs": partial(theirs, llm, prompts, seeds, sampling),
                "ours": partial(
                    ours, llm, place / f"{number}", problems, teacher, str(found[-1]), sampling, arguments.ahead
                ),
            }
            tokens = {}
            for name in sorted(draws, reverse=bool(number % 2)):  # whoever comes second gains or loses by it
                tokens[name], seconds = draws[name]()
                if number:
                    rates[name].append(tokens[name] / seconds)
            assert tokens["ours"] == tokens["theirs"], tokens
        count = sum(1 for _ in read_traces(place / "0"))
    middle = {name: median(values) for name, values in rates.items()}
    entry = {"name": f"stage, {count:,} requests", "ours": round(middle["ours"]), "baseline": round(middle["theirs"])}
    entry |= {"ratio": round(middle["ours"] / middle["theirs"], 3), "unit": "output tokens/s, median"}
    entry |= {"rates": {name: [round(value) for value in values] for name, values in rates.items()}}
    print(f"{'':28}{'ours':>12}{'baseline':>12}{'ratio':>8}")
    print(f"{entry['name']:28}{entry['ours']:>12,}{entry['baseline']:>12,}{entry['ratio']:>8}  {entry['unit']}")
    if arguments.json:
        arguments.json.write_text(json.dumps([entry], indent=2) + "\n")


if __name__ == "__main__":
    main()

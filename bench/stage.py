"""Compares the whole sampling stage with vLLM's own `LLM.generate`, on the same engine and requests, in one run.

    python -m bench.stage [--problems N] [--rounds N] [--ahead F] [--json FILE]

Our side reads problems from Parquet, renders prompts, makes requests, journals every trace, writes Parquet and adds up
the counts. Their side gets rendered prompts, and keeps outputs in memory. The teacher is the demo's (`make demo` makes
it). Both draw the same tokens, because every request has its seed. The order alternates from round to round; the first
round only warms up.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.adaptive import quiet
from configs.load import load_config
from configs.models import Model
from configs.sampling import TeacherSampling
from configs.sources import GeneratedProblems
from configs.teachers import VllmTeacher
from flows.distill import plan_distillation
from records.artifact import is_complete
from records.hashing import request_seed
from records.parquet import read_problems
from teacher.engines.cpu_arguments import whole_prefill
from teacher.problems.sources import write_problems
from teacher.sampling.stage import SamplingJob, sample_traces


def start(teacher: Model, path: str) -> Any:
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
        **whole_prefill(teacher.max_model_len),
        disable_log_stats=True,
    )


def theirs(llm: Any, prompts: list[str], seeds: list[int], sampling: TeacherSampling) -> tuple[int, float]:
    from vllm import SamplingParams

    shape: dict[str, Any] = {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k}
    each = [SamplingParams(**shape, max_tokens=sampling.max_tokens, seed=seed) for seed in seeds]
    return generated(llm, prompts, each)


def generated(llm: Any, prompts: list[str], params: Any) -> tuple[int, float]:
    """Draw with vLLM alone. Return the tokens drawn and the seconds taken. `params` are of all prompts, or of each."""
    started = time.perf_counter()
    outputs = llm.generate(prompts, params, use_tqdm=False)
    return sum(len(output.outputs[0].token_ids) for output in outputs), time.perf_counter() - started


def ours(
    llm: Any, folder: Path, problems: Path, teacher: VllmTeacher, path: str, sampling: TeacherSampling, ahead: float
) -> tuple[int, float]:
    from teacher.engines.vllm_engine import VllmEngine
    from teacher.engines.vllm_sampler import VllmSampler

    engine = VllmEngine(teacher, path, start=lambda model, path: llm.llm_engine)
    sampler = VllmSampler(engine, teacher, ahead, keeps_engine=True)
    folder.mkdir()
    started = time.perf_counter()
    job = SamplingJob(problems, sampling, teacher.prompt, "m", teacher.name)
    counts = sample_traces(folder, job, lambda: sampler, quiet)
    return counts.reasoning_tokens + counts.answer_tokens, time.perf_counter() - started


def rates_of(
    rounds: int, draws: dict[str, Callable[[int], tuple[int, float]]], *, same_tokens: bool = True
) -> dict[str, list[float]]:
    """Return the output tokens/s by name and round, without the first. Each draw is called with the round's number.
    `same_tokens`: all of them must draw equally many."""
    rates: dict[str, list[float]] = {name: [] for name in draws}
    for number in range(rounds):
        tokens = {}
        for name in sorted(draws, reverse=bool(number % 2)):  # coming second may be an advantage or a disadvantage
            tokens[name], seconds = draws[name](number)
            if number:
                rates[name].append(tokens[name] / seconds)
        assert len(set(tokens.values())) == 1 or not same_tokens, tokens
    return rates


def measure(root: Path, count: int, rounds: int, ahead: float) -> dict[str, Any]:
    config = load_config("configs/demo/tiny.yaml")
    teacher, demo, source = config.teacher, config.sampling, config.problems[0]
    assert isinstance(teacher, VllmTeacher)
    assert isinstance(source, GeneratedProblems)
    assert demo is not None
    made = next(
        stage.artifact for stage in plan_distillation(config).plan.stages if stage.name == "teacher-from-scratch"
    )
    if not is_complete(made):
        raise SystemExit(f"no teacher in {made.path.parent}: run `make demo` first")
    sampling = TeacherSampling(temperature=demo.temperature, top_p=demo.top_p, max_tokens=demo.max_tokens, n=4)
    problems = root / "problems"
    problems.mkdir()
    write_problems(problems, [source.model_copy(update={"size": count, "seed": 7_000_000})], set())
    llm = start(teacher, str(made.path))
    prompts, seeds = [], []
    for problem in read_problems(problems):
        messages = teacher.prompt.messages(problem.prompt)
        prompt = llm.get_tokenizer().apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        for index in range(sampling.n):
            prompts.append(prompt)
            seeds.append(request_seed(sampling.seed, problem.id, index))
    draws: dict[str, Callable[[int], tuple[int, float]]] = {
        "ours": lambda number: ours(llm, root / f"{number}", problems, teacher, str(made.path), sampling, ahead),
        "baseline": lambda _: theirs(llm, prompts, seeds, sampling),
    }
    rates = rates_of(rounds, draws)
    middle = {name: median(values) for name, values in rates.items()}
    entry: dict[str, Any] = {"name": f"stage, {len(prompts):,} requests"}
    entry |= {name: round(value) for name, value in middle.items()}
    entry |= {"ratio": round(middle["ours"] / middle["baseline"], 3), "unit": "output tokens/s, median"}
    by_round = [one / other for one, other in zip(rates["ours"], rates["baseline"], strict=True)]
    return entry | {"by_round": [round(ratio, 3) for ratio in by_round]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--ahead", type=float, default=8.0, help="requests handed over per completion in flight")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        entry = measure(Path(temporary), arguments.problems, arguments.rounds, arguments.ahead)
    print(f"{'':28}{'ours':>12}{'baseline':>12}{'ratio':>8}")
    print(f"{entry['name']:28}{entry['ours']:>12,}{entry['baseline']:>12,}{entry['ratio']:>8}  {entry['unit']}")
    print(f"by round {min(entry['by_round'])} to {max(entry['by_round'])}")
    if arguments.json:
        arguments.json.write_text(json.dumps([entry], indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Compares the evaluation of a model, in full and quantized, with vLLM's own `LLM.generate` on the same requests.

    python -m bench.evaluation [--model DIR] [--precisions full,int8,nf4] [--problems N] [--rounds N] [--json FILE]

Our side reads problems from Parquet, renders prompts, journals every trace, writes Parquet and adds up the counts.
Their side gets rendered prompts, and keeps outputs in memory. Both use one engine per precision, started once, and draw
greedily; the order alternates from round to round, and the first round only warms up. The model is the demo's student
(`make demo` makes it); `--model` takes any directory that is asked as that one is. Quantized weights are made here.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.adaptive import quiet
from bench.stage import generated, rates_of, start
from configs.evaluation import Evaluation
from configs.load import load_config
from configs.measuring import trained
from configs.models import Model
from configs.sources import ProblemSource
from flows.distill import plan_distillation
from records.artifact import is_complete
from records.parquet import read_problems
from teacher.problems.sources import write_problems
from teacher.sampling.stage import SamplingJob, sample_traces


def ours(llm: Any, folder: Path, problems: Path, model: Model, path: Path, evaluation: Evaluation) -> tuple[int, float]:
    """Evaluate as the stage does. Return the tokens drawn and the seconds."""
    from teacher.engines.vllm_engine import VllmEngine
    from teacher.engines.vllm_sampler import VllmSampler

    engine = VllmEngine(model, str(path), start=lambda model, path: llm.llm_engine)
    sampler = VllmSampler(engine, model, keeps_engine=True)
    folder.mkdir()
    started = time.perf_counter()
    whole = not sampler.batch_invariant
    job = SamplingJob(problems, evaluation, model.prompt, "m", model.name, thinks=model.thinks, whole_shards=whole)
    counts = sample_traces(folder, job, lambda: sampler, quiet)
    return counts.reasoning_tokens + counts.answer_tokens, time.perf_counter() - started


def theirs(llm: Any, prompts: list[str], evaluation: Evaluation) -> tuple[int, float]:
    from vllm import SamplingParams

    params = SamplingParams(temperature=evaluation.temperature, max_tokens=evaluation.max_tokens)
    return generated(llm, prompts, params)


def measure(
    root: Path, model: Model, path: Path, evaluation: Evaluation, problems: Path, precision: str, rounds: int
) -> dict[str, Any]:
    """Start one engine, and return the rates of both sides with it, in output tokens/s."""
    if precision != "full":
        import torch

        from student.export.quantized import quantize

        path, source = root / precision, path
        path.mkdir()
        quantize(source, path, precision, torch.bfloat16)
    llm = start(model, str(path))
    prompts = []
    for problem in read_problems(problems):
        messages = model.prompt.messages(problem.prompt)
        tokenizer = llm.get_tokenizer()
        prompts.append(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    rates = rates_of(
        rounds,
        {
            "ours": lambda number: ours(llm, root / f"{precision}-{number}", problems, model, path, evaluation),
            "baseline": lambda _: theirs(llm, prompts, evaluation),
        },
        same_tokens=precision != "int8",  # LLM.int8's completions depend on their batch
    )
    llm.llm_engine.engine_core.shutdown()
    middle = {name: median(values) for name, values in rates.items()}
    by_round = [one / other for one, other in zip(rates["ours"], rates["baseline"], strict=True)]
    entry: dict[str, Any] = {"name": f"{precision}, {len(prompts):,} requests", "unit": "output tokens/s, median"}
    entry |= {name: round(value) for name, value in middle.items()}
    entry |= {"ratio": round(middle["ours"] / middle["baseline"], 3)}
    return entry | {"by_round": [round(ratio, 3) for ratio in by_round]}


def entries(arguments: argparse.Namespace, root: Path) -> Iterator[dict[str, Any]]:
    config = load_config("configs/demo/tiny.yaml")
    assert config.evaluation is not None
    model, made = trained(config.student), plan_distillation(config).student.artifact
    if arguments.model is None and not is_complete(made):
        raise SystemExit(f"no student in {made.path.parent}: run `make demo` first, or give --model")
    problems = root / "problems"
    problems.mkdir()
    sources: list[ProblemSource] = [
        source.model_copy(update={"size": arguments.problems // 2}) for source in config.benchmarks["held_out"].sources
    ]
    write_problems(problems, sources, set())
    for precision in arguments.precisions.split(","):
        path = arguments.model or made.path
        yield measure(root, model, path, config.evaluation, problems, precision, arguments.rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--precisions", default="full,int8,nf4")
    parser.add_argument("--problems", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        for entry in entries(arguments, Path(temporary)):
            found.append(entry)
    print(f"{'':28}{'ours':>12}{'baseline':>12}{'ratio':>8}")
    for entry in found:
        rounds = f"{min(entry['by_round'])} to {max(entry['by_round'])}"
        row = f"{entry['name']:28}{entry['ours']:>12,}{entry['baseline']:>12,}{entry['ratio']:>8}"
        print(f"{row}  {entry['unit']}; rounds {rounds}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()

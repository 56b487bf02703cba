"""Counts how many real traces each trace filter rejects, and how many of those were graded right (docs/filters.md).

python -m bench.filters [../shared/data]
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from configs.judging import Judging
from filters.chain import all_filters
from filters.judge_file import undrawn_trace
from filters.reasons import PASS
from records.rows import Trace
from records.thinking import OPEN, split_reasoning

FILES = {
    "qwen3b": "rg_math_evals/qwen3b_rlft_think_graded.jsonl.gz",
    "llama3b": "rg_math_evals/llama3b_x50_graded.jsonl.gz",
    "zeroeval": "zeroeval/math_l5_5models.jsonl.gz",
    "reasoning-gym": "reasoning_gym_eval/rg_easy_graded.jsonl.gz",
    "gaokao": "gaokao2026/traces_dev_quant.jsonl.gz",
    "gsm8k models": "gsm8k/example_model_solutions.jsonl",
}


def main(data: Path) -> None:
    named = [rule for rule in all_filters(Judging()) if rule.name in ("refusal", "repetition", "language")]
    print("source           traces  filter      rejected  of these graded right")
    for source, file in FILES.items():
        traces = list(read(data / file))
        for rule in named:
            rejected = [right for trace, right in traces if rule.judge(trace).outcome != PASS]
            print(f"{source:15} {len(traces):7}  {rule.name:10} {len(rejected):9} {rejected.count(True):10}")


def read(file: Path) -> Iterator[tuple[Trace, bool]]:
    """Yield every trace with its recorded grade, or False without one."""
    text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for row in map(json.loads, text.splitlines()):
        solutions = [value for value in row.values() if isinstance(value, dict) and "solution" in value]
        if solutions:  # gsm8k: one row holds four models' answers
            for solution in solutions:
                yield undrawn_trace(row["question"], "", solution["solution"]), str(solution["is_correct"]) == "True"
        elif "reasoning" in row:
            yield undrawn_trace(row["prompt"], row["reasoning"] or "", row["response"] or ""), graded(row)
        else:
            completion = row["response"] or ""
            reasoning, answer, _ = split_reasoning(completion, OPEN in completion)
            yield undrawn_trace(row["question"], reasoning, answer), graded(row)


def graded(row: dict[str, Any]) -> bool:
    return row.get("correct") is True


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if len(sys.argv) > 1 else Path("../shared/data"))

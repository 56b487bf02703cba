"""Check a run's score with EleutherAI's lm-eval, on the same problems, item by item.

    retort lm-eval runs/tiny --benchmark held_out
    retort lm-eval runs/tiny --benchmark held_out --samples samples_retort_held_out_2026-01-31.jsonl

Without --samples it writes the benchmark as a task of lm-eval, and prints the command that measures the published
checkpoint on it. With --samples it compares what lm-eval recorded with the run's own completions and verdicts
(docs/howto/lm_eval.md). lm-eval has an environment of its own.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flows.command_line import exit_status, writing
from records.rows import Trace, Variant

if TYPE_CHECKING:
    from eval.comparing.evaluated_run import EvaluatedRun
    from eval.lm_eval.task import Task


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort lm-eval", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(config=None)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's directory, or that of an evaluation (score-…)")
    parser.add_argument("--benchmark", required=True, metavar="NAME", help="the benchmark, by its name in the config")
    parser.add_argument(
        "--model", default="student", metavar="NAME", help="whose completions; by default the student's"
    )
    parser.add_argument("--precision", default="full", metavar="NAME", help="by default full")
    parser.add_argument(
        "--checkpoint", metavar="PATH", help="what lm-eval loads: a directory or hub name; by default RUN/checkpoint"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the task is written; by default RUN/lm_eval")
    parser.add_argument("--samples", type=Path, metavar="FILE", help="the samples_….jsonl of lm_eval --log_samples")
    parser.add_argument("--json", type=Path, metavar="OUT", help="with --samples: write figures and items there")
    return parser.parse_args(argv)


def check_with_lm_eval(arguments: argparse.Namespace) -> int:
    """Write the task, or compare what lm-eval made of it. Errors: InputError."""
    from eval.comparing.evaluated_run import read_runs
    from eval.lm_eval.task import task_of

    (run,) = read_runs([arguments.run])
    task = task_of(run, arguments.benchmark, Variant(arguments.model, arguments.precision))
    return compare(arguments, task) if arguments.samples else write(arguments, run, task)


def write(arguments: argparse.Namespace, run: "EvaluatedRun", task: "Task") -> int:
    from eval.lm_eval.checkpoint import checkpoint_of, notes
    from eval.lm_eval.task import command, write_task

    checkpoint = arguments.checkpoint or str(checkpoint_of(run, task))
    folder = arguments.out or run.score.artifact.path.parent / "lm_eval"
    file = write_task(folder, task)
    print(f"wrote {file}; measure it in the environment of lm-eval (docs/howto/lm_eval.md) with\n")
    print(f"    {command(task, checkpoint, folder)}\n")
    print("".join(f"note: {note}\n" for note in notes(task, Path(checkpoint))), end="")
    print("then name its samples_….jsonl with --samples")
    return 0


def compare(arguments: argparse.Namespace, task: "Task") -> int:
    from eval.lm_eval.agreement import estimates_of, items_of
    from eval.lm_eval.asked import requires_box
    from eval.lm_eval.samples import read_lm_eval
    from eval.lm_eval.showing import as_json, as_text
    from records.files import write_json

    samples = read_lm_eval(arguments.samples)
    box = requires_box(task.measurement.judged)
    items = items_of(task.measurement, samples, partial(judge, require_box=box))
    estimates = estimates_of(task.measurement, samples)
    if arguments.json:
        with writing(arguments.json):
            write_json(arguments.json, as_json(items, estimates))
    print(as_text(task, items, estimates))
    return 0


def judge(traces: list[Trace], require_box: bool = False) -> list[str]:
    """Return the outcome of each finished answer, without the rules for training rows."""
    from configs.judging import Judging
    from filters.rules.answer_format import AnswerFormat
    from filters.workers import workers

    with workers(Judging(), [AnswerFormat(require_box)]) as pool:
        return [verdicts[-1].outcome for verdicts in pool.judge(traces)]


def main(argv: Sequence[str] | None = None) -> int:
    return exit_status(partial(check_with_lm_eval, parse(argv)))


if __name__ == "__main__":
    sys.exit(main())

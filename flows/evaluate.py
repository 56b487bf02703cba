"""Measure a checkpoint on benchmarks, in full and quantized. Safe to interrupt and run again.

    retort evaluate runs/tiny/checkpoint --config configs/demo/tiny.yaml --precisions full,nf4
    retort evaluate Qwen/Qwen3-0.6B --benchmarks problems.jsonl evaluation.n=4 evaluation.temperature=0.6

CHECKPOINT is a model directory or a Hugging Face name; no run is needed. Its own config and chat template say how it is
asked, unless settings do. It prints the scores, and writes them with everything else to a run directory of its own,
`runs/evaluate-NAME` (docs/evaluation.md).
"""

import argparse
import sys
from pathlib import Path

from configs.checkpoint import CheckpointEvaluation
from configs.load import ConfigError
from flows.checkpoint import checkpoint_config
from flows.evaluation import Candidate, EvaluationPlan
from flows.plan import Plan
from flows.stages.problems import Problems
from flows.stages.score import ScoreModels
from flows.weights import Weights
from records.errors import InputError


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="a model directory, or owner/name on the hub")
    parser.add_argument("overrides", nargs="*", metavar="key.path=value", help="settings that replace the file's")
    parser.add_argument("--benchmarks", metavar="NAME,…", help="shipped ones, the config's, or files of problems")
    parser.add_argument("--precisions", metavar="P,…", help="full (the default), int8, nf4, nf4_plain, fp4")
    parser.add_argument(
        "--config", metavar="FILE", help="YAML with model, benchmarks, evaluation, judging; or a pair's, whose student"
    )
    return parser.parse_intermixed_args(argv)


def plan_checkpoint(config: CheckpointEvaluation) -> tuple[Plan, ScoreModels]:
    """Plan the evaluation. Benchmarks come first, so that one engine serves all of them."""
    run_dir = Path(config.run_dir.replace("{name}", config.model.name))
    benchmarks = {
        name: Problems(run_dir=run_dir, name=f"benchmark-{name}", sources=tuple(benchmark.sources), measures=True)
        for name, benchmark in config.benchmarks.items()
    }
    plan = EvaluationPlan(
        run_dir=run_dir,
        evaluation=config.evaluation,
        judging=config.judging,
        distribution=config.distribution,
        benchmarks=benchmarks,
        settings=config.benchmarks,
    )
    weights = Weights(str(config.model.path), config.model.revision)
    candidate = Candidate(
        name=config.model.name, model=config.model, weights=weights, precisions=list(config.precisions)
    )
    scores = plan.scores([candidate])
    return Plan.of(*benchmarks.values(), scores), scores


def main(argv: list[str] | None = None) -> int:
    arguments = parse(argv)
    try:
        config = checkpoint_config(
            arguments.checkpoint,
            file=arguments.config,
            benchmarks=arguments.benchmarks,
            precisions=arguments.precisions,
            overrides=arguments.overrides,
        )
        plan, scores = plan_checkpoint(config)
        from flows.run.evaluate import run

        return run(config, plan, scores)
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

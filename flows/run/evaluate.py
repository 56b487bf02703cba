"""Runs `retort evaluate` once its config is made, and prints the scores."""

import os
import sys
from pathlib import Path

from configs.checkpoint import CheckpointEvaluation
from configs.hub_names import MOVING, is_model_name
from eval.metrics.formats import read_scores
from eval.report.terminal import terminal_scores
from flows.plan import Plan
from flows.run.directory import locked
from flows.run.importing import without_collecting
from flows.run.orchestrated import orchestrated
from flows.run.origins import check_origins
from flows.run.preflight import check_checkpoint_run
from flows.run.server_address import may_have_server
from flows.stages.score import ScoreModels
from records.artifact import is_complete
from records.files import write_json


def run(config: CheckpointEvaluation, plan: Plan, scores: ScoreModels) -> int:
    """Build what is not complete, and return the exit status. Prefect takes part as in `flows.run.command`. Errors:
    InputError."""
    check_checkpoint_run(config, scores.run_dir)
    path, revision = str(config.model.path), config.model.revision
    if is_model_name(path) and revision in MOVING:
        print(f"warning: {path} is not pinned; set model.revision to a commit of it", file=sys.stderr)
    with locked(scores.run_dir):
        left = not all(is_complete(stage.artifact) for stage in plan.stages)
        if left or may_have_server(os.environ, Path.home()):
            status = orchestrate(config, plan)
            if status:
                return status
        else:
            check_origins(plan.stages)
        found = read_scores(scores.path)
        write_json(scores.run_dir / "scores.json", found)
    print(terminal_scores(found))
    print("".join(f"\n{runtime}" for runtime in dict.fromkeys(score.runtime for score in found)))
    print(f"\nscores  {scores.run_dir / 'scores.json'}")
    return 0


def orchestrate(config: CheckpointEvaluation, plan: Plan) -> int:
    """Run the Prefect flow, and return the exit status."""

    def flow() -> None:
        with without_collecting():
            from flows.run.evaluation_flow import evaluate_prepared

        evaluate_prepared(config, plan)

    return orchestrated(flow)

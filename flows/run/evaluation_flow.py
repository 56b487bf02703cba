"""The Prefect flow of `retort evaluate`."""

from flows.run import prefect_setup  # must be imported before prefect

# isort: split
from collections.abc import Callable

import yaml
from prefect import flow
from prefect.artifacts import create_markdown_artifact

from configs.checkpoint import CheckpointEvaluation
from flows.plan import Plan
from flows.run.building import build_plan


def evaluate_prepared(config: CheckpointEvaluation, plan: Plan, started: Callable[[], None]) -> None:
    """Build all stages of a plan that are not complete. `started` is called once Prefect's server is there. Errors:
    InputError, StageFailed."""
    resolved = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @flow(name="evaluate", flow_run_name=config.model.name, validate_parameters=False)
    def evaluate() -> None:
        started()
        prefect_setup.hide_tracebacks()
        create_markdown_artifact(f"```yaml\n{resolved}```", key="config")
        build_plan(plan, set(), config.distribution)

    evaluate()

"""The Prefect flow of `retort evaluate`."""

from flows.run import prefect_setup  # must be imported before prefect

# isort: split
import yaml
from prefect import flow
from prefect.artifacts import create_markdown_artifact

from configs.checkpoint import CheckpointEvaluation
from flows.plan import Plan
from flows.run.building import build_plan


def evaluate_prepared(config: CheckpointEvaluation, plan: Plan) -> None:
    """Build all stages of a plan that are not complete. Errors: InputError, StageFailed."""
    resolved = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @flow(name="evaluate", flow_run_name=config.model.name, validate_parameters=False)
    def evaluate() -> None:
        prefect_setup.hide_tracebacks()
        create_markdown_artifact(f"```yaml\n{resolved}```", key="config")
        build_plan(plan, set(), config.distribution)

    evaluate()

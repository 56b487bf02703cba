"""The Prefect task that builds a stage, or a worker's part of several, in a process of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import yaml
from prefect import get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE

from flows.plan import Stage
from flows.run import prefect_setup
from flows.run.child import run_in_child
from flows.run.cluster import Cluster
from flows.run.progress import Update


@task(cache_policy=NO_CACHE, persist_result=False)
def run_stage(
    artifacts: list[str],
    settings: dict[str, Any],
    call: Callable[..., Any],
    log: Path,
    variables: dict[str, str],
    libraries: tuple[str, ...],
    stall_timeout_s: float | None,
) -> Any:
    """Build stages, or one worker's part of them, in a separate process. `call` takes `progress`."""
    prefect_setup.hide_tracebacks()  # a cluster runs this in a process other than the flow's
    logger = get_run_logger()
    about = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    described = f"{', '.join(artifacts)}\n\n```yaml\n{about}```"
    progress_bar = cast(UUID, create_progress_artifact(0.0, description=described))

    def update(news: Update) -> None:
        done, line = news
        logger.info(line)
        if done is not None:
            update_progress_artifact(progress_bar, round(100 * done, 1))

    logger.info("building %s", ", ".join(artifacts))
    return run_in_child(
        call,
        {},
        log=log,
        update=update,
        variables=variables,
        preload=libraries,
        stall_timeout_s=stall_timeout_s,
    )


def named(name: str, number: str = "") -> Any:
    """Return the task `run_stage` with the name that Prefect shows."""
    return run_stage.with_options(name=name, task_run_name=f"{name} {number}".strip())


def parameters(
    stages: Sequence[Stage], call: Callable[..., Any], variables: dict[str, str], cluster: Cluster, number: str = ""
) -> dict[str, Any]:
    """Return the arguments for `run_stage`."""
    first, suffix = stages[0], f".{number.partition('/')[0]}" if number else ""
    return {
        "artifacts": [str(stage.path) for stage in stages],
        "settings": {stage.path.name: stage.settings() for stage in stages},
        "call": call,
        "log": first.run_dir / "logs" / f"{first.path.name}{suffix}.log",
        "variables": variables,
        "libraries": first.libraries,
        "stall_timeout_s": cluster.distribution.stall_timeout_s,
    }

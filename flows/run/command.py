"""Runs `retort distill` once its config is loaded, and prints the results."""

import os
import sys
from pathlib import Path

from configs.hub_names import unpinned
from configs.schema import Config
from flows.distill import Distillation, plan_distillation
from flows.gate import unmet_conditions
from flows.run.directory import checked_and_locked, link_results
from flows.run.groups import RunFailed
from flows.run.importing import without_collecting
from flows.run.orchestrated import orchestrated
from flows.run.origins import check_origins
from flows.run.overview import show_result
from flows.run.server_address import may_have_server
from flows.run.zygote import ZYGOTE
from records.artifact import is_complete

STARTED_WITH = 3
"""First stages whose libraries are imported while Prefect's server starts, which takes about as long: a light stage
between two heavy ones would wait for the imports of the next otherwise (measured: 16 s instead of 0.5 s)."""


def run(path: str, overrides: list[str], config: Config) -> int:
    """Run the flow, and return the exit status. Errors: InputError.

    If every stage is complete there is nothing to orchestrate. Importing Prefect and starting its temporary server
    would take most of the time, so they are left out, unless the user has a server, which shows every run.
    """
    distillation = plan_distillation(config)
    left = [stage for stage in distillation.plan.stages if not is_complete(stage.artifact)]
    if left:
        ZYGOTE.preload(tuple(name for stage in left[:STARTED_WITH] for name in stage.libraries))
    with checked_and_locked(config, distillation.run_dir):
        if left or may_have_server(os.environ, Path.home()):
            status = orchestrate(path, overrides, config, distillation)
            if status:
                return status
            distillation = decided(distillation, config)
        else:
            check_origins(distillation.plan.stages)
            for line in unpinned(config):
                print(f"warning: {line}", file=sys.stderr)
            link_results(distillation)
    show_result(distillation)
    return told(unmet_conditions(config, distillation))


def decided(planned: Distillation, config: Config) -> Distillation:
    """Return the plan as it is once the rounds of training have ended."""
    return plan_distillation(config) if planned.checks else planned


def told(failed: list[str]) -> int:
    """Print what failed of a run that is done, and return its exit status."""
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    return 1 if failed else 0


def orchestrate(path: str, overrides: list[str], config: Config, distillation: Distillation) -> int:
    """Run the Prefect flow, and return the exit status."""

    def flow() -> None:
        with without_collecting():
            from flows.run.flow import distill_prepared

        distill_prepared(path, overrides, config, distillation)

    try:
        return orchestrated(flow)
    except RunFailed as error:
        show_result(decided(distillation, config))
        return told(error.failed)

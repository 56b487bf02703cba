"""Runs `retort distill` once its config is loaded, and prints the results."""

import sys

from configs.schema import Config
from flows.distill import plan_distillation
from flows.run.child import StageFailed
from flows.run.overview import show_result
from flows.run.zygote import ZYGOTE
from records.artifact import is_complete

STARTED_WITH = 3
"""First stages whose libraries are imported while Prefect's server starts, which takes about as long: a light stage
between two heavy ones would wait for the imports of the next otherwise (measured: 16 s instead of 0.5 s)."""


def run(path: str, overrides: list[str], config: Config) -> int:
    """Run the flow, and return the exit status. Errors: InputError."""
    distillation = plan_distillation(config)
    left = [stage for stage in distillation.plan.stages if not is_complete(stage.artifact)]
    ZYGOTE.preload(tuple(name for stage in left[:STARTED_WITH] for name in stage.libraries))
    from flows.run.flow import checked_and_locked, distill_prepared

    with checked_and_locked(config, distillation.run_dir):
        try:
            distill_prepared(path, overrides, config, distillation)
        except KeyboardInterrupt:
            print("interrupted; the same command continues", file=sys.stderr)
            return 130
        except StageFailed as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    show_result(distillation)
    return 0

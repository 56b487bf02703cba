"""Runs `retort distill` once its config is loaded, and prints the results."""

import sys

from configs.schema import Config
from flows.run.child import StageFailed
from flows.run.overview import show_result
from flows.run.zygote import ZYGOTE
from flows.stages.train import LIBRARIES


def run(path: str, overrides: list[str], config: Config) -> int:
    """Run the flow, and return the exit status. Errors: InputError."""
    ZYGOTE.preload(LIBRARIES)  # while Prefect's server starts
    from flows.run.flow import distill_prepared, prepared

    with prepared(config) as distillation:
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

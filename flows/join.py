"""Let this machine take part in the training stages of a run that another machine carries out.

    retort join configs/pairs/r1-32b-qwen7b.yaml launch.shard=ddp launch.nodes=2 launch.rendezvous=node0:29500

Give the config and settings of the `retort distill` that runs on the other machine, with a `run_dir` that both see. It
waits for each training stage's inputs, trains with the others, and ends when the last stage is complete.
"""

import argparse
import socket
import sys
import time
from collections.abc import Sequence
from functools import partial

from configs.launch import Launch
from configs.load import ConfigError, load_config
from flows.distill import plan_distillation
from flows.run.child import StageFailed, run_in_child
from flows.stages.train import TrainStudent
from records.artifact import is_complete
from records.errors import InputError

LOOK_S = 5
"""Seconds between looks at what the other machine has done."""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort join", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="YAML of the run's teacher/student pair")
    parser.add_argument("overrides", nargs="*", metavar="key.path=value", help="settings that replace the file's")
    return parser.parse_args(argv)


def join(config_file: str, overrides: list[str]) -> None:
    """Take part in every training stage that is not complete. Errors: ConfigError, InputError, StageFailed."""
    config = load_config(config_file, overrides)
    if config.launch.nodes == 1:
        raise InputError("launch.nodes: set it to the number of machines, as in the command on the other ones")
    for stage in plan_distillation(config).plan.stages:
        if isinstance(stage, TrainStudent) and not is_complete(stage.artifact):
            take_part(stage)


def take_part(stage: TrainStudent) -> None:
    """Train whenever the other machines do, until the artifact is complete."""
    print(f"{stage.name}: waiting for its inputs, and for {stage.launch.rendezvous}", flush=True)
    log = stage.run_dir / "logs" / f"{stage.path.name}.{socket.gethostname()}.log"
    train = partial(stage.train, stage.path, joins=True)
    while not is_complete(stage.artifact):
        if all(is_complete(need.artifact) for need in stage.needs) and meets(stage.launch):
            run_in_child(train, {}, log=log, update=lambda news: print(news[1], flush=True), preload=stage.libraries)
        time.sleep(LOOK_S)


def meets(launch: Launch) -> bool:
    """Return True if a training waits for this machine at the rendezvous."""
    host, _, port = str(launch.rendezvous).rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=LOOK_S):
            return True
    except OSError:
        return False


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parse(argv)
    try:
        join(arguments.config, arguments.overrides)
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except StageFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

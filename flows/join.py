"""Let this machine take part in the training stages of a run that another machine carries out.

    retort join configs/pairs/r1-32b-qwen7b.yaml launch.shard=ddp launch.nodes=2 launch.rendezvous=node0:29500

Give the config and settings of the `retort distill` that runs on the other machine, with a `run_dir` that both see. It
waits for each training stage, also while the other machine has not started yet, trains with the others, and ends when
the last stage is complete, or a training that it takes part in ends in an error.
"""

import argparse
import socket
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from configs.load import ConfigError, load_config
from flows.distill import Distillation, plan_distillation
from flows.run.child import StageFailed, run_in_child
from flows.run.meeting import Meeting, answers, check_terms, meeting_in
from flows.run.working_directory import check_working_directory
from flows.stages.train import TrainStudent
from records.artifact import is_complete
from records.errors import InputError

LOOK_S = 5
"""Seconds between looks at what the other machine has done."""
HIDDEN_S = 120
"""Seconds after which a file must be seen that another machine wrote: NFS keeps for a minute that it was not there."""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort join", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="YAML of the run's teacher/student pair")
    parser.add_argument("overrides", nargs="*", metavar="key.path=value", help="settings that replace the file's")
    return parser.parse_args(argv)


def join(config_file: str, overrides: list[str]) -> None:
    """Take part in every training stage that is not complete. Errors: ConfigError, InputError, StageFailed."""
    check_working_directory(Path.cwd())
    config = load_config(config_file, overrides)
    if config.launch.nodes == 1:
        raise InputError("launch.nodes: set it to the number of machines, as in the command on the other ones")
    run = plan_distillation(config)
    stages, run_dir, address = trainings_in(run), run.run_dir, str(config.launch.rendezvous)
    print(f"waiting for {', '.join(stages)} in {run_dir}, and for {address}", flush=True)
    joined, heard = set[str](), 0.0
    while not all(is_complete(stage.artifact) for stage in stages.values()):
        meeting = meeting_in(run_dir)
        if meeting and meeting.number not in joined:
            take_part(stages, meeting)
            joined.add(meeting.number)
        elif not meeting:
            heard = heard or time.monotonic() if answers(address) else 0.0
            check_heard(heard, run_dir, address)
        time.sleep(LOOK_S)
        if run.checks:  # the other machine may have found that no further round is trained
            run = plan_distillation(config)
            stages = trainings_in(run)


def trainings_in(run: Distillation) -> dict[str, TrainStudent]:
    """Return the training stages of a run by their folders' names."""
    return {stage.path.name: stage for stage in run.plan.stages if isinstance(stage, TrainStudent)}


def take_part(stages: dict[str, TrainStudent], meeting: Meeting) -> None:
    """Train with the others. Errors: InputError if they train something else, or one of them ends; StageFailed."""
    place = meeting.terms.stage
    alike = [stage for stage in stages.values() if stage.name == place.rpartition("-")[0]]
    stage = stages.get(place) or (alike or list(stages.values()))[0]
    check_terms(stage.terms, meeting.terms)
    print(f"{stage.name}: training with the others", flush=True)
    log = stage.run_dir / "logs" / f"{stage.path.name}.{socket.gethostname()}.log"
    train = partial(stage.train, stage.path, joins=True)
    run_in_child(train, {}, log=log, update=lambda news: print(news[1], flush=True), preload=stage.libraries)


def check_heard(since: float, run_dir: Path, address: str) -> None:
    """Errors: InputError if `address` has answered since long ago, and no training in `run_dir` tells why."""
    if since and time.monotonic() - since > HIDDEN_S:
        raise InputError(
            f"{address} answers, but no training waits in {run_dir}: run_dir must be the same folder on all machines, "
            "and launch.rendezvous a free port"
        )


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

"""Check a run's dataset and student before training: every row, every token that matters, and no model is loaded.

    retort preflight configs/demo/tiny.yaml
    retort preflight configs/demo/tiny.yaml training.max_length=128 student.reasoning=hidden

The run's dataset must be there already. It prints what it found as a table, and exits with 1 if the training would be
refused. The training stage runs the same checks itself.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from configs.load import ConfigError, load_config
from records.errors import InputError
from records.preflight import Preflight


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort preflight", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="YAML of a teacher/student pair, such as configs/demo/tiny.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key.path=value", help="settings that replace the file's")
    return parser.parse_args(argv)


def preflight(config_file: str, overrides: list[str]) -> Iterator[tuple[str, Preflight]]:
    """Check the run's training stages whose inputs are there, and yield each one's name and findings.

    Errors: ConfigError; InputError if the inputs of the first are not built yet.
    """
    from flows.distill import plan_distillation
    from flows.stages.train import TrainStudent
    from records.artifact import is_complete

    stages = plan_distillation(load_config(config_file, overrides)).plan.stages
    trainings = [stage for stage in stages if isinstance(stage, TrainStudent)]
    for number, training in enumerate(trainings):
        missing = [stage for stage in training.needs if not is_complete(stage.artifact)]
        if missing and number:
            print(f"{training.name}: not checked, because {missing[0].name} is not built yet", file=sys.stderr)
            return
        if missing:
            command = " ".join(["retort distill", config_file, *overrides])
            raise InputError(f"{missing[0].path}: not there yet; `{command}` builds it, and checks it before training")
        yield training.name, training.preflight(show_progress)


def show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} of {total:,} rows", end="" if done < total else "\n", file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parse(argv)
    from student.data.preflight_table import preflight_table

    started, refused = time.monotonic(), False
    try:
        for name, found in preflight(arguments.config, arguments.overrides):
            print(f"{name}\n{preflight_table(found, time.monotonic() - started)}")
            started, refused = time.monotonic(), refused or bool(found.refusals)
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())

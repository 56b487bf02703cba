"""Distil a teacher into a student, from problems to a published checkpoint. Safe to interrupt and run again.

    python -m flows.distill configs/demo/tiny.yaml
    python -m flows.distill configs/demo/tiny.yaml sampling.max_n=8 run_dir=/data/tiny
    python -m flows.distill configs/demo/tiny.yaml --dry-run

A run is a list of stages. Each leaves an artifact named by what went into it; complete ones are never built again, so
the same command continues an interrupted run, and a changed setting rebuilds only what depends on it.
"""

import argparse
import sys

from configs.load import ConfigError, load_config
from records.errors import InputError


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m flows.distill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="YAML of a teacher/student pair, such as configs/demo/tiny.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key.path=value", help="settings that replace the file's")
    parser.add_argument("--dry-run", action="store_true", help="print the resolved config and what is already complete")
    return parser.parse_intermixed_args(argv)  # options may stand between overrides


def main() -> int:
    arguments = parse()
    try:
        config = load_config(arguments.config, arguments.overrides)
        if arguments.dry_run:
            from flows.run.overview import show_plan

            return show_plan(config)
        from flows.run.flow import run

        return run(arguments.config, arguments.overrides, config)
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

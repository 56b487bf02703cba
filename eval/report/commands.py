"""The commands that make a report's figures anew."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from eval.report.traces import JudgedVariant
from eval.variants import comparisons

PROGRAMS = ("retort", "__main__.py")
"""The last part of a process's first argument, if it was started as `retort …` or `python -m flows …`."""


@dataclass(frozen=True, slots=True)
class Command:
    """Made by the flow; shown on the page and in the summary."""

    figure: str
    command: str
    """To be given in the run directory."""


def run_command(argv: Sequence[str]) -> list[Command]:
    """Return the command that made the run; none if something else than a command line did, such as a schedule."""
    program, *words = argv
    if PurePath(program).name not in PROGRAMS:
        return []
    return [Command("the whole run, in the directory where it was started", shlex.join(["retort", *words]))]


def score_commands(measured: Sequence[JudgedVariant]) -> list[Command]:
    """Return a command for the scores of every variant, and for every paired difference with its flips."""
    found = []
    for benchmark in dict.fromkeys(one.benchmark for one in measured):
        folders = {one.variant: one.path.name for one in measured if one.benchmark == benchmark}
        for variant, folder in folders.items():
            found.append(Command(f"{benchmark}: {variant}", shlex.join(["retort", "score", folder])))
        for pair in comparisons(folders):
            figure = f"{benchmark}: {pair.variant} against {pair.yardstick}"
            words = ["retort", "score", folders[pair.variant], "--against", folders[pair.yardstick]]
            found.append(Command(figure, shlex.join(words)))
    return found


def teacher_command(folder: str) -> Command:
    """Return the command for the teacher's accuracy and lengths."""
    return Command("training traces: accuracy and lengths", shlex.join(["retort", "score", folder]))


def curves_command(stage: str, folder: str) -> Command:
    """Return the command for the curves of a training stage; `folder` holds what TensorBoard reads."""
    return Command(f"{stage}: curves", shlex.join(["tensorboard", "--logdir", folder]))

"""Scores judged traces with a tiny reward model, killed at random instants and started again, until all are scored.

Run by test_score_share.py in a process of its own, which has imported torch and forks each attempt: a process whose
torch has computed something must not be forked. Prints how many attempts were killed.
"""

import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path

from scorer_makers import say_nothing

from configs.scorers import ProcessScorer
from filters.scorers.models import ProcessModel
from filters.scorers.score import missing, score_share
from records.share import WorkerSlot


def attempt(folder: Path, judged: Path, model: Path) -> None:
    scorer = ProcessScorer(kind="process", path=str(model), dtype="float32", batch_tokens=400)
    start = partial(ProcessModel, scorer, str(model))
    score_share(folder, judged, "steps", start, lambda *_, **__: say_nothing(0, 0), WorkerSlot())


def main(folder: Path, judged: Path, model: Path) -> None:
    instants, killed = random.Random(3), 0
    for _ in range(200):
        child = os.fork()
        if not child:
            attempt(folder, judged, model)
            os._exit(0)
        if killed < 25:
            # However fast the machine is, an attempt is killed before it has scored more than a few of the 40 files.
            end, files = time.monotonic() + instants.uniform(0.02, 0.5), len(os.listdir(folder))
            while time.monotonic() < end and len(os.listdir(folder)) < files + 3:
                time.sleep(0.005)
            os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if missing(folder, judged) == 0:
            break
    print(killed)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

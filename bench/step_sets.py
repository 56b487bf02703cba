"""The public sets of solutions with labelled steps (`../shared/data/steps`), for the benches of step scorers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from records.errors import InputError
from records.step_labels import LabelledSolution
from student.data.step_labels.registry import read_labelled

SETS = {
    "prm800k": ("prm800k", "openr_samples/samples_prm800k.jsonl"),
    "math_shepherd": ("math_shepherd", "openr_samples/samples_math-shepherd.jsonl"),
    "prmbench": ("prmbench", "prmbench/*.jsonl.gz"),
    "mr_gsm8k": ("mr_gsm8k", "mr_gsm8k/*.json.gz"),
    "bigbench": ("bigbench_mistake", "bigbench_mistake/*.jsonl.gz"),
}
"""The form and the files of each set."""
PUNCTUATION = re.compile(r"[\s.,;:!?'\"`$\\]+")


@dataclass(frozen=True)
class Solution:
    """A labelled solution of a set. Made by `labelled`; read by the benches."""

    set: str
    """The set; of BIG-Bench-Mistake the task as well: `bigbench/word_sorting`."""
    problem_key: str
    """The same for all solutions of one problem, in whichever set they stand."""
    labelled: LabelledSolution

    @property
    def first_wrong(self) -> int | None:
        """The first wrong step, from 0; None if no step is wrong."""
        labels = self.labelled.labels
        return labels.index(0.0) if 0.0 in labels else None

    @property
    def is_decided(self) -> bool:
        """True if a step is labelled wrong, or all are labelled right. What is unlabelled before a wrong step is what
        PRM800K's labellers had chosen to go on from."""
        return 0.0 in self.labelled.labels or None not in self.labelled.labels


def key_of(problem: str) -> str:
    """Return a problem's text without case, white space and punctuation. Brackets stay: of a Dyck word they are all
    that tells it from another."""
    return PUNCTUATION.sub("", problem.casefold())


def labelled(folder: Path, name: str) -> Iterator[Solution]:
    """Yield each solution of a set once: the right versions of PRMBench's solutions stand in several files.

    A row of PRMBench gives the solution with planted errors and then the right one. The planted error may stand in the
    question; so both have the key of the right one's.
    """
    form, pattern = SETS[name]
    seen = set()
    for file in sorted(folder.glob(pattern)):
        group = f"{name}/{file.name.split('.')[0]}" if name == "bigbench" else name
        solutions = list(read_labelled(file, form))
        originals = [one for one in solutions[1::2] for _ in range(2)] if name == "prmbench" else solutions
        for one, original in zip(solutions, originals, strict=True):
            if (identity := (one.problem, one.steps)) not in seen:
                seen.add(identity)
                yield Solution(group, key_of(original.problem), one)


def all_labelled(folder: Path) -> list[Solution]:
    """Return the solutions of all sets of which the first wrong step is known. Errors: InputError if there are none."""
    found = [one for name in SETS for one in labelled(folder, name) if one.is_decided]
    if not found:
        raise InputError(f"{folder}: has none of {', '.join(pattern for _, pattern in SETS.values())}; give a folder")
    return found

"""Groups the different answers to many problems into classes of equivalent ones, in processes that can be killed."""

from collections.abc import Sequence
from concurrent.futures import Future
from fractions import Fraction

from configs.judging import Judging
from filters import replies
from filters.in_worker import quick_verdict
from filters.pool import Pool
from filters.reasons import PASS
from filters.selection.majority import classes
from filters.verifiers.evidence import Evidence
from filters.verifiers.math_answer import MAX_CHARACTERS, PLAIN, plain
from filters.worker_process import WorkerDied
from records.batches import batched

Grouped = list[list[int]]
"""Classes of one problem's answers, as lists of positions."""
TOGETHER = 16
"""Problems that go to a process together."""


def equivalent_answers(problems: list[list[str]]) -> list[Grouped]:
    """Return for each problem the classes of its answers, which are different texts.

    Plain numbers are compared here; problems with any other answer go to processes, where the math verifier compares.
    A problem whose answers it cannot compare within the time limit is grouped by text alone.
    """
    found = [grouped_as_numbers(answers) for answers in problems]
    left = [at for at, groups in enumerate(found) if groups is None]
    if left:
        for at, groups in zip(left, grouped_by_verifier([problems[at] for at in left]), strict=True):
            found[at] = groups
    return [groups for groups in found if groups is not None]


def grouped_as_numbers(answers: Sequence[str]) -> Grouped | None:
    """Return the classes of equal value if every answer is a plain number, else None."""
    texts = [plain(answer) for answer in answers]
    if not all(len(text) <= MAX_CHARACTERS and PLAIN.fullmatch(text) for text in texts):
        return None
    found: dict[Fraction, list[int]] = {}
    for position, text in enumerate(texts):
        found.setdefault(Fraction(text), []).append(position)
    return list(found.values())


def grouped_by_verifier(problems: list[list[str]]) -> list[Grouped]:
    pool = Pool(Judging(), ())
    try:
        parts = [(part, pool.schedule(group_all, part, replies.classes)) for part in batched(problems, TOGETHER)]
        return [groups for part, future in parts for groups in waited_for(part, future, pool)]
    finally:
        pool.stop()


def waited_for(part: list[list[str]], future: "Future[list[Grouped]]", pool: Pool) -> list[Grouped]:
    """Return the classes of a part. If one of its problems takes too long each is tried alone."""
    try:
        groups: list[Grouped] = future.result()
        return groups
    except (TimeoutError, WorkerDied):
        if len(part) == 1:
            return [[[at] for at in range(len(part[0]))]]
        alone = [pool.schedule(group_all, [answers], replies.classes) for answers in part]
        return [waited_for([answers], one, pool)[0] for answers, one in zip(part, alone, strict=True)]


def group_all(problems: list[list[str]]) -> list[Grouped]:
    """Group the answers of some problems. This runs inside a process of the pool."""
    return [classes(answers, equal) for answers in problems]


def equal(one: str, other: str) -> bool:
    """Compare two answers by the verifier's own bounded arithmetic; what only math-verify could tell, such as two
    integrals, is compared as text."""
    verdict = quick_verdict(Evidence("math", one, "", f"\\boxed{{{other}}}"))
    return verdict is not None and verdict.outcome == PASS

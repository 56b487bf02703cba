"""Judged samples as columns: what all metrics are computed from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats

RIGHT, WRONG, UNKNOWN = 1, 0, -1
"""Codes of verdicts. Unknown: the verifier gave up, or there is no verdict."""
NO_ANSWER = -1

Classes = Callable[[list[list[str]]], list[list[list[int]]]]
"""Groups the different answers to each problem into classes of equivalent ones, as lists of positions. The flow passes
it in, because verifiers know what is equivalent."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of one variant on one set of problems, sorted by problem and then by sample. Columns have one value
    per sample; a column that was not recorded is None. Made by `sorted_samples`; read by all metrics."""

    problems: list[str]
    """The ids, in order of appearance."""
    starts: NDArray[np.int64]
    """Where the samples of each problem begin, and after the last their number: [problems + 1]."""
    verdicts: NDArray[np.int8]
    answers: NDArray[np.int32] | None = None
    """Positions in `spellings`, or NO_ANSWER."""
    spellings: Sequence[str] = ()
    scores: Floats | None = None
    tokens: Floats | None = None
    flags: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Further facts by metric: truncated, no_answer, looped."""
    groups: dict[str, list[str]] = field(default_factory=dict)
    """Value of each problem by property, such as level or source; empty where it has none."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of samples of each problem."""
        return np.diff(self.starts)

    @property
    def owners(self) -> NDArray[np.int64]:
        """Position of each sample's problem."""
        return np.repeat(np.arange(len(self.problems)), self.sizes)

    def sums(self, values: NDArray[np.bool_] | Floats) -> Floats:
        """Sum a column by problem."""
        return np.add.reduceat(values, self.starts[:-1], dtype=np.float64)

    def counts(self) -> tuple[Floats, Floats]:
        """Return each problem's numbers of right and of decided samples."""
        return self.sums(self.verdicts == RIGHT), self.sums(self.verdicts != UNKNOWN)

    def blocks(self, kept: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield problems with equally many kept samples together: their positions, [problems], and the positions of
        their samples, [problems, n]."""
        sizes = self.sums(kept).astype(np.int64)
        rows = np.flatnonzero(kept)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        for n in np.unique(sizes[sizes > 0]).tolist():
            problems = np.flatnonzero(sizes == n)
            yield problems, rows[starts[problems][:, None] + np.arange(n)]

    def take(self, problems: NDArray[np.int64]) -> "Samples":
        """Return the samples of some problems, given by their positions, in that order."""
        sizes = self.sizes[problems]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        rows = np.arange(starts[-1]) + np.repeat(self.starts[problems] - starts[:-1], sizes)
        return replace(
            self,
            problems=[self.problems[at] for at in problems],
            starts=starts,
            verdicts=self.verdicts[rows],
            answers=None if self.answers is None else self.answers[rows],
            scores=None if self.scores is None else self.scores[rows],
            tokens=None if self.tokens is None else self.tokens[rows],
            flags={name: column[rows] for name, column in self.flags.items()},
            groups={name: [values[at] for at in problems] for name, values in self.groups.items()},
        )

    def with_unknown_as_wrong(self) -> "Samples":
        return replace(self, verdicts=np.maximum(self.verdicts, WRONG).astype(np.int8))


def sorted_samples(
    problems: list[str],
    problem: NDArray[np.int32],
    sample: NDArray[np.int64],
    *,
    verdicts: NDArray[np.int8],
    answers: NDArray[np.int32] | None = None,
    spellings: Sequence[str] = (),
    scores: Floats | None = None,
    tokens: Floats | None = None,
    flags: dict[str, NDArray[np.bool_]] | None = None,
    groups: dict[str, list[str]] | None = None,
) -> tuple[Samples, tuple[int, int] | None]:
    """Sort columns by problem and sample. Return also the first problem and sample that occur twice, None if none do.

    `problem` holds positions in `problems`; every one of these occurs.
    """
    order = np.lexsort((sample, problem))
    problem, sample = problem[order], sample[order]
    twice = np.flatnonzero((problem[1:] == problem[:-1]) & (sample[1:] == sample[:-1]))
    samples = Samples(
        problems=problems,
        starts=np.concatenate([[0], np.cumsum(np.bincount(problem, minlength=len(problems)))]),
        verdicts=verdicts[order],
        answers=None if answers is None else answers[order],
        spellings=spellings,
        scores=None if scores is None else scores[order],
        tokens=None if tokens is None else tokens[order],
        flags={name: column[order] for name, column in (flags or {}).items()},
        groups=groups or {},
    )
    return samples, (int(problem[twice[0]]), int(sample[twice[0]])) if len(twice) else None

"""What a cascade knows of each problem: how sure the student is, what it is worth, and what the teacher would be.

The student is as sure as the share of its samples that agree on one answer. Samples without an answer agree with none,
so a budget that ran out counts against it. A student with one sample is sure by its stored score, if there is one, or
else if it answered at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.answer_classes import classes_of
from eval.metrics.beta_binomial import Floats
from eval.metrics.samples import NO_ANSWER, UNKNOWN, Classes, Samples
from eval.metrics.voting import NO_VOTE, majority_values


@dataclass(frozen=True)
class Routed:
    """One value per problem."""

    sure: Floats
    """The student's confidence; problems below a threshold go to the teacher."""
    student: Floats
    """Accuracy of the student's answer: that of its majority, or its mean accuracy if answers were not recorded."""
    teacher: Floats
    """Accuracy of one answer of the teacher's."""
    student_tokens: Floats | None
    """Tokens of all the student's samples; None if they were not recorded."""
    teacher_tokens: Floats | None
    """Tokens of one answer of the teacher's."""
    n_samples: Floats
    """Samples of the student."""

    @property
    def gain(self) -> Floats:
        """What the teacher would add."""
        return self.teacher - self.student

    def take(self, kept: NDArray[np.bool_]) -> "Routed":
        return Routed(
            sure=self.sure[kept],
            student=self.student[kept],
            teacher=self.teacher[kept],
            student_tokens=None if self.student_tokens is None else self.student_tokens[kept],
            teacher_tokens=None if self.teacher_tokens is None else self.teacher_tokens[kept],
            n_samples=self.n_samples[kept],
        )


def routed(student: Samples, teacher: Samples, equivalent: Classes | None) -> Routed:
    """Describe the problems of two tables, which must be `matched`. Problems without a verdict on the student's answer
    or on any of the teacher's are left out."""
    sure, worth = confidence_and_worth(student, equivalent)
    right, decided = teacher.counts()
    with np.errstate(invalid="ignore"):
        found = Routed(
            sure=sure,
            student=worth,
            teacher=right / decided,
            student_tokens=None if student.tokens is None else student.sums(student.tokens),
            teacher_tokens=None if teacher.tokens is None else teacher.sums(teacher.tokens) / teacher.sizes,
            n_samples=student.sizes.astype(np.float64),
        )
    return found.take(~(np.isnan(found.student) | np.isnan(found.teacher)))


def confidence_and_worth(student: Samples, equivalent: Classes | None) -> tuple[Floats, Floats]:
    """Return the student's confidence and the accuracy of its answer, NaN without a verdict."""
    sizes = student.sizes.astype(np.float64)
    silent = student.flags.get("truncated", np.zeros(len(student.verdicts), dtype=bool))
    silent = silent if student.answers is None else silent | (student.answers == NO_ANSWER)
    answered = student.sums(~silent) / sizes
    right, decided = student.counts()
    with np.errstate(invalid="ignore"):
        mean = right / decided
    if (student.sizes == 1).all() and student.scores is not None:
        return np.where(silent, -np.inf, student.scores), mean
    if (student.sizes == 1).all() or student.answers is None:
        return answered, mean
    classes = classes_of(student, equivalent)
    agreeing = np.where(silent, NO_VOTE, classes)
    verdicts = np.where(student.verdicts == UNKNOWN, np.nan, student.verdicts.astype(np.float64))
    sure, worth = np.zeros(len(sizes)), np.full(len(sizes), np.nan)
    for problems, rows in student.blocks(np.ones(len(student.verdicts), dtype=bool)):
        n = rows.shape[1]
        sure[problems] = most_votes(agreeing[rows]) / n
        worth[problems] = majority_values(classes[rows], verdicts[rows], [n])[n]
    return sure, worth


def most_votes(classes: NDArray[np.int32]) -> Floats:
    """Return the votes of each problem's largest class, of samples [problems, n]."""
    return np.max([(classes == one).sum(axis=1) for one in range(classes.shape[1])], axis=0).astype(np.float64)

"""A cascade: the student answers first, and the teacher answers the problems of which the student is not sure.

Each threshold gives a point: the share of problems that the teacher gets, and the accuracy over all problems. Beside it
stand random routing, a straight line between the student alone and the teacher alone, and the oracle, which knows whose
answer is right and cannot be had. By cost, random routing pays each problem once, the cascade pays the student for all.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats
from eval.metrics.comparison import matched
from eval.metrics.differences import paired_difference
from eval.metrics.estimate import Estimate
from eval.metrics.samples import Classes, Samples
from eval.scaling.curve import Curve, Point, point_of_values
from eval.scaling.routing import Routed, routed
from records.errors import InputError

SHARE = "share of problems sent to the teacher"
COST = "cost per problem, in tokens of the student"
CASCADE, RANDOM, ORACLE = "cascade", "random routing", "oracle: knows whose answer is right"
MOST_THRESHOLDS = 17
"""Thresholds of a score that differs from problem to problem; those of a share of samples are fewer anyway."""
Sent = NDArray[np.bool_]


def cascade_curves(
    student: Samples,
    teacher: Samples,
    equivalent: Classes | None,
    names: tuple[str, str],
    price: float | None = None,
) -> list[Curve]:
    """Return the curves of cascade, random routing and oracle over the share of problems sent; with the teacher's
    `price` (of a token, in tokens of the student) and with tokens on both sides also over cost.

    Errors: InputError if the problems differ, or no problem has a verdict on both sides.
    """
    found = routed(student, matched(student, teacher, names), equivalent)
    if not len(found.sure):
        raise InputError(f"{names[0]} and {names[1]} have no problem with a verdict on both sides; judge them first")
    thresholds = list(thresholds_of(found.sure))
    best = oracle_sent(found)
    curves = [
        Curve(
            chart="cascade",
            name=CASCADE,
            x=SHARE,
            points=[point(found, label, sent, sent.mean()) for label, sent in thresholds],
            facts=above_random(found, [sent for _, sent in thresholds]),
        ),
        Curve(
            chart="cascade",
            name=RANDOM,
            x=SHARE,
            points=[mixed(found, share, share) for share in sorted({float(sent.mean()) for _, sent in thresholds})],
        ),
        Curve(chart="cascade", name=ORACLE, x=SHARE, points=[point(found, "", sent, sent.mean()) for sent in best]),
    ]
    if price is not None and found.student_tokens is not None and found.teacher_tokens is not None:
        curves += cost_curves(found, thresholds, best, found.student_tokens, price * found.teacher_tokens)
    return curves


def cost_curves(
    found: Routed, thresholds: list[tuple[str, Sent]], best: list[Sent], student: Floats, teacher: Floats
) -> list[Curve]:
    """Return the curves over cost; `student` and `teacher` are what each problem costs there."""
    ends = float(student.mean()), float(teacher.mean())
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    points = {
        CASCADE: [point(found, label, sent, (student + sent * teacher).mean()) for label, sent in thresholds],
        RANDOM: [mixed(found, share, (1 - share) * ends[0] + share * ends[1]) for share in shares],
        ORACLE: [point(found, "", sent, np.where(sent, teacher, student).mean()) for sent in best],
    }
    return [
        Curve(chart="cascade_cost", name=name, x=COST, points=sorted(some, key=lambda one: one.x))
        for name, some in points.items()
    ]


def thresholds_of(sure: Floats) -> Iterable[tuple[str, Sent]]:
    """Yield the problems that each threshold sends, none first and all last, with what it says."""
    levels = np.unique(sure)
    if len(levels) > MOST_THRESHOLDS:
        places = np.linspace(0, len(sure) - 1, MOST_THRESHOLDS).astype(np.int64)
        levels = np.unique(np.sort(sure)[places])
    for at, level in enumerate(levels):
        yield ("student alone" if at == 0 else f"below {level:g}"), sure < level
    yield "all", np.ones(len(sure), dtype=bool)


def point(found: Routed, label: str, sent: Sent, x: float) -> Point:
    return point_of_values(x, label, np.where(sent, found.teacher, found.student), found.n_samples)


def mixed(found: Routed, share: float, x: float) -> Point:
    """Return random routing of a share of the problems: what is expected of each."""
    return point_of_values(x, "", found.student + share * found.gain, found.n_samples)


def oracle_sent(found: Routed) -> list[Sent]:
    """Return the problems that the oracle sends: those with the largest gain first, up to all that gain anything."""
    order = np.argsort(-found.gain, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    gaining = int((found.gain > 0).sum())
    return [place < count for count in sorted({0, gaining // 4, gaining // 2, 3 * gaining // 4, gaining, len(order)})]


def above_random(found: Routed, sent: list[Sent]) -> list[Estimate]:
    """Return how far the cascade lies above random routing, on average over the thresholds that send some problems.

    At one threshold it is the covariance of being sent with the gain, so that each problem's influence is the product
    of both, centred; their mean has the interval of a mean paired difference.
    """
    some = [one for one in sent if 0 < one.mean() < 1]
    if not some:
        return []
    gain = found.gain - found.gain.mean()
    above = np.mean([(one - one.mean()) * gain for one in some], axis=0)
    difference = paired_difference(above, single=False)
    metric = f"{CASCADE} minus {RANDOM}, mean over {len(some)} thresholds"
    n_samples = int(found.n_samples.sum())
    return [Estimate(metric, difference.value, *difference.interval, difference.n_problems, n_samples, difference.p)]

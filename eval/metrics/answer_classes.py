"""Numbers the classes of equivalent answers to each problem."""

import numpy as np
from numpy.typing import NDArray

from eval.metrics.samples import NO_ANSWER, RIGHT, Classes, Samples


def classes_of(samples: Samples, equivalent: Classes | None) -> NDArray[np.int32]:
    """Return each sample's class, numbered from 0 within its problem; NO_ANSWER stays.

    All answers that were judged right are one class: each is equivalent to the reference. The others are grouped by
    `equivalent`, or by their spelling if that is None.
    """
    assert samples.answers is not None, "without answers nothing can be grouped"
    codes = samples.answers.astype(np.int64)
    with_answer = codes != NO_ANSWER
    right = with_answer & (samples.verdicts == RIGHT)
    merged = first_right(samples, codes, right)
    if equivalent:
        merged = merge_equivalent(samples, merged, equivalent)
    pairs = samples.owners * (len(samples.spellings) + 1) + merged
    pairs[~with_answer] = -1
    return np.where(with_answer, numbered_within(samples, pairs), NO_ANSWER).astype(np.int32)


def first_right(samples: Samples, codes: NDArray[np.int64], right: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Replace every spelling that was judged right by the first such spelling of its problem."""
    rows = np.flatnonzero(right)
    owners = samples.owners
    firsts = np.full(len(samples.problems), NO_ANSWER, dtype=np.int64)
    firsts[owners[rows][::-1]] = codes[rows][::-1]
    spelled = set_of_pairs(owners[rows], codes[rows], len(samples.spellings))
    is_right_spelling = np.isin(owners * (len(samples.spellings) + 1) + codes, spelled) & (codes != NO_ANSWER)
    return np.where(is_right_spelling, firsts[owners], codes)


def set_of_pairs(owners: NDArray[np.int64], codes: NDArray[np.int64], n_spellings: int) -> NDArray[np.int64]:
    return np.unique(owners * (n_spellings + 1) + codes)


def merge_equivalent(samples: Samples, codes: NDArray[np.int64], equivalent: Classes) -> NDArray[np.int64]:
    """Replace every answer by the first one of its class."""
    width = len(samples.spellings) + 1
    pairs = samples.owners * width + codes
    found, firsts = np.unique(pairs[codes != NO_ANSWER], return_index=True)
    owners, spelled = found // width, found % width
    bounds = np.searchsorted(owners, np.arange(len(samples.problems) + 1))
    several = [at for at in range(len(samples.problems)) if bounds[at + 1] - bounds[at] > 1]
    if not several:
        return codes
    appearing = []
    for at in several:
        part = slice(bounds[at], bounds[at + 1])
        appearing.append(spelled[part][np.argsort(firsts[part])])
    groups = equivalent([[samples.spellings[code] for code in one] for one in appearing])
    target = spelled.copy()
    for at, one, classes in zip(several, appearing, groups, strict=True):
        replaced = {int(one[member]): int(one[group[0]]) for group in classes for member in group}
        part = slice(bounds[at], bounds[at + 1])
        target[part] = [replaced[int(code)] for code in spelled[part]]
    merged = codes.copy()
    voting = codes != NO_ANSWER
    merged[voting] = target[np.searchsorted(found, pairs[voting])]
    return merged


def numbered_within(samples: Samples, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the different values of each problem from 0, in order of value."""
    found, place = np.unique(pairs, return_inverse=True)
    owners = np.full(len(found), -1, dtype=np.int64)
    owners[place] = samples.owners
    first = np.full(len(samples.problems), len(found), dtype=np.int64)
    np.minimum.at(first, owners[found >= 0], np.flatnonzero(found >= 0))
    return np.asarray(place - first[samples.owners])

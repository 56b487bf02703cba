"""Judged samples as columns, and the classes of their answers, against plain loops over the same samples."""

from collections.abc import Iterator

import numpy as np
import pytest

from eval.metrics.answer_classes import classes_of
from eval.metrics.samples import NO_ANSWER, RIGHT, UNKNOWN, Samples, sorted_samples

SPELLINGS = ("1", "1.0", "2", "2.0", "3")


def drawn(seed: int) -> Samples:
    """Samples of up to six problems, with as many answers and verdicts as a few draws give, out of order."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, size=rng.integers(1, 7))
    order = rng.permutation(sizes.sum())
    samples, twice = sorted_samples(
        [f"p{at}" for at in range(len(sizes))],
        np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order],
        np.concatenate([np.arange(size) for size in sizes])[order],
        verdicts=rng.integers(UNKNOWN, RIGHT + 1, size=sizes.sum()).astype(np.int8),
        answers=rng.integers(NO_ANSWER, len(SPELLINGS), size=sizes.sum()).astype(np.int32),
        spellings=SPELLINGS,
        tokens=rng.random(sizes.sum()),
        flags={"truncated": rng.random(sizes.sum()) < 0.5},
        groups={"level": [str(at % 2) for at in range(len(sizes))]},
    )
    assert twice is None
    assert samples.sizes.tolist() == sizes.tolist()
    return samples


def by_value(answers: list[list[str]]) -> list[list[list[int]]]:
    """Group the answers of each problem by the number that they spell."""
    return [
        [[at for at, one in enumerate(several) if float(one) == value] for value in dict.fromkeys(map(float, several))]
        for several in answers
    ]


def plain_classes(samples: Samples, by_spelling: bool) -> Iterator[list[frozenset[int]]]:
    """Yield each problem's classes as sets of its samples' places."""
    assert samples.answers is not None
    for start, end in zip(samples.starts, samples.starts[1:], strict=False):
        codes, verdicts = samples.answers[start:end].tolist(), samples.verdicts[start:end].tolist()
        right = [code for code, verdict in zip(codes, verdicts, strict=True) if verdict == RIGHT and code != NO_ANSWER]
        keys: dict[object, set[int]] = {}
        for at, code in enumerate(codes):
            if code == NO_ANSWER:
                continue
            spelled = right[0] if code in right else code
            keys.setdefault(spelled if by_spelling else float(SPELLINGS[spelled]), set()).add(at)
        yield [frozenset(places) for places in keys.values()]


@pytest.mark.parametrize("by_spelling", [True, False])
def test_right_answers_are_one_class_and_others_are_grouped_within_their_problem(by_spelling: bool) -> None:
    for seed in range(200):
        samples = drawn(seed)
        assert samples.answers is not None
        found = classes_of(samples, None if by_spelling else by_value)
        assert ((found == NO_ANSWER) == (samples.answers == NO_ANSWER)).all()
        for at, expected in enumerate(plain_classes(samples, by_spelling)):
            own = found[samples.starts[at] : samples.starts[at + 1]]
            classes = [frozenset(np.flatnonzero(own == number).tolist()) for number in range(len(expected))]
            assert set(classes) == set(expected), (seed, at)


def test_blocks_and_some_problems_hold_their_own_samples() -> None:
    for seed in range(50):
        samples = drawn(seed)
        assert samples.tokens is not None
        kept = samples.tokens < 0.7
        blocks = [
            (problem, row)
            for problems, rows in samples.blocks(kept)
            for problem, row in zip(problems, rows.tolist(), strict=True)
        ]
        assert {int(problem): row for problem, row in blocks} == {
            at: rows
            for at in range(len(samples.problems))
            if (rows := np.flatnonzero(kept & (samples.owners == at)).tolist())
        }
        some = np.random.default_rng(seed).permutation(len(samples.problems))[:3]
        taken = samples.take(some)
        rows = np.concatenate([np.flatnonzero(samples.owners == at) for at in some])
        assert taken.problems == [samples.problems[at] for at in some]
        assert taken.groups["level"] == [str(at % 2) for at in some]
        assert taken.verdicts.tolist() == samples.verdicts[rows].tolist()
        assert taken.tokens is not None
        assert taken.tokens.tolist() == samples.tokens[rows].tolist()
        assert taken.flags["truncated"].tolist() == samples.flags["truncated"][rows].tolist()


@pytest.mark.parametrize(("sample", "twice"), [([0, 1, 0], None), ([1, 1, 0], (0, 1)), ([0, 1, 1], None)])
def test_a_sample_that_occurs_twice_is_named(sample: list[int], twice: tuple[int, int] | None) -> None:
    problem = np.array([0, 0, 1], dtype=np.int32)
    assert sorted_samples(["a", "b"], problem, np.array(sample), verdicts=np.ones(3, np.int8))[1] == twice

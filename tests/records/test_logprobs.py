"""Logprobs keep one row for each token, whatever is cut, joined, written as text or put there."""

import numpy as np
import pytest
from logprob_makers import make_logprobs, same

from records.errors import InputError
from records.logprobs import TokenLogprobs, from_text, joined, of_lists, put_there
from records.vocabulary import vocabulary_hash


class Vocabulary:
    def __init__(self, **tokens: int) -> None:
        self.tokens = tokens

    def get_vocab(self) -> dict[str, int]:
        return self.tokens


@pytest.mark.parametrize(("n", "k"), [(1, 1), (1, 3), (5, 1), (5, 3)])
def test_they_come_back_from_their_text(n: int, k: int) -> None:
    made = make_logprobs(n, k)
    again = from_text(made.to_text())
    assert (len(again), again.k, again.vocabulary) == (n, k, "made")
    assert all(np.array_equal(one, other) for one, other in zip(made.arrays, again.arrays, strict=True))
    assert made.to_text().isprintable(), "one line without a tab"


@pytest.mark.parametrize("broken", ["a b", "5 3 made AAAA", "x 3 made AAAA", "0 3 made AAAA", "1 1 made ÄÄÄÄ", ""])
def test_broken_text_is_one_clear_line(broken: str) -> None:
    with pytest.raises(InputError, match="broken logprobs in a journal"):
        from_text(broken)


def test_parts_are_joined_in_order_and_only_if_they_fit() -> None:
    parts = [make_logprobs(4, 3, seed=1), put_there("made", [7, 8], 3), make_logprobs(2, 3, seed=2)]
    whole = joined(parts)
    assert whole.token_ids.tolist() == [token for part in parts for token in part.token_ids.tolist()]
    assert np.isnan(whole.logprobs).tolist() == [False] * 4 + [True] * 2 + [False] * 2
    assert np.isnan(whole.top_logprobs).all(axis=1).tolist() == [False] * 4 + [True] * 2 + [False] * 2
    for other in (make_logprobs(2, 2), make_logprobs(2, 3, vocabulary="other")):
        with pytest.raises(ValueError, match="joined"):
            joined([*parts, other])


def test_the_first_of_each_row_are_the_most_probable() -> None:
    made = make_logprobs(6, 5)
    fewer = made.first(2)
    assert fewer.k == 2
    assert np.array_equal(fewer.top_ids, made.top_ids[:, :2])
    assert np.array_equal(fewer.logprobs, made.logprobs)
    assert same(made.first(5), made)
    with pytest.raises(ValueError, match="5 for each token, not 6"):
        made.first(6)


def test_what_is_impossible_stays_a_number() -> None:
    made = of_lists("made", [1], [float("-inf")], [1, 2], [-0.1, -99999.0])
    assert np.isfinite(made.logprobs).all()
    assert np.isfinite(made.top_logprobs).all()
    assert np.exp(made.top_logprobs.astype(float)).tolist()[0][1] == 0


@pytest.mark.parametrize(
    "values",
    [
        ([1, 2], [-1.0], [1, 2], [-1.0, -2.0]),
        ([1, 2], [-1.0, -1.0], [1, 2, 3], [-1.0, -2.0, -3.0]),
        ([1, 2], [-1.0, -1.0], [1, 2], [-1.0, -2.0, -3.0, -4.0]),
        ([2**31], [-1.0], [1], [-1.0]),
        ([1], ["x"], [1], [-1.0]),
    ],
)
def test_numbers_that_do_not_fit_together_are_refused(values: tuple[object, ...]) -> None:
    with pytest.raises((ValueError, OverflowError)):
        of_lists("made", *values)


def test_rounding_keeps_a_distribution() -> None:
    draw = np.random.default_rng(0)
    exact = -np.sort(-np.log(draw.dirichlet(np.full(20, 0.2), 2000)), axis=1)
    rounded = of_lists("made", np.zeros(2000), exact[:, 0], np.zeros((2000, 20)), exact).top_logprobs.astype(float)
    assert np.exp(rounded).sum(axis=1).max() < 1.001
    assert np.abs(np.exp(rounded) - np.exp(exact)).max() < 2e-4


def test_rows_and_tokens_must_be_as_many() -> None:
    one = make_logprobs(3, 2)
    with pytest.raises(ValueError, match="a row for each token"):
        TokenLogprobs("made", one.token_ids[:2], one.logprobs, one.top_ids, one.top_logprobs)


def test_a_vocabulary_is_its_pairs_of_id_and_token() -> None:
    one = vocabulary_hash(Vocabulary(a=0, b=1))
    assert one == vocabulary_hash(Vocabulary(b=1, a=0)), "in any order"
    others = [Vocabulary(a=1, b=0), Vocabulary(a=0, c=1), Vocabulary(a=0, b=2), Vocabulary(a=0), Vocabulary(ab=0)]
    others += [Vocabulary(**{"a 1 1 b": 0}), Vocabulary(**{"a\n1 1 b": 0}), Vocabulary(**{"\ud800": 0})]
    assert len({one, *map(vocabulary_hash, others)}) == len(others) + 1

"""MinHash signatures estimate similarity, and only near-duplicates are left out."""

import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT
from selection_makers import text_of

from configs.selection import NearDuplicates
from filters.selection import near_duplicates
from filters.selection.near_duplicates import Signature, bands, distinct, signature, similarity

RULE = NearDuplicates()


def kept(*texts: str, rule: NearDuplicates = RULE) -> list[object]:
    return list(distinct(((at, signature(text, rule.permutations)) for at, text in enumerate(texts)), rule))


def test_a_changed_word_is_a_near_duplicate_and_another_text_is_not() -> None:
    one = text_of(1)
    assert kept(one, one.replace("word", "Word"), one + " indeed", text_of(2)) == [0, 3]


def test_the_first_stays() -> None:
    assert kept(text_of(2), text_of(1), text_of(1) + " so") == [0, 1]


def test_a_half_changed_text_stays() -> None:
    one = text_of(1)
    assert kept(one, one[: len(one) // 2] + text_of(3, 200)) == [0, 1]
    assert kept(one, one[: len(one) * 3 // 4] + text_of(3, 100), rule=NearDuplicates(threshold=0.4)) == [0]


@pytest.mark.parametrize(("alike", "stay"), [(63, [0, 1]), (64, [0]), (65, [0])])
def test_texts_as_similar_as_the_threshold_are_near_duplicates(alike: int, stay: list[int]) -> None:
    one = np.arange(128, dtype=np.uint32)
    other = np.where(one < alike, one, one + 1000)
    assert list(distinct([(0, one), (1, other)], NearDuplicates(threshold=0.5))) == stay


@pytest.mark.parametrize("text", ["", "word", "\0", "\ud800 x", "数" * 50, "!?"])
def test_odd_texts_have_a_signature(text: str) -> None:
    assert similarity(signature(text, 64), signature(text, 64)) == 1.0
    assert len(signature(text, 64)) == 64


def test_the_estimate_is_near_the_jaccard_similarity() -> None:
    words = [f"w{i}" for i in range(2000)]
    one, other = signature(" ".join(words[:1500]), 256), signature(" ".join(words[500:]), 256)
    assert abs(similarity(one, other) - 996 / 1996) < 0.12  # 2 / sqrt(256)


def test_signatures_are_the_same_in_every_process() -> None:
    code = "from filters.selection.near_duplicates import signature; print(list(signature('a b c d e f g', 16)))"
    runs = {
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert runs == {f"{list(signature('a b c d e f g', 16))}\n"}


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.9, 0.95, 1.0])
def test_bands_rarely_miss_a_pair_at_the_threshold(threshold: float) -> None:
    count, rows = bands(threshold, 128)
    assert count >= 2
    assert count * rows <= 128
    assert 1 - (1 - threshold**rows) ** count >= 0.95


def test_texts_are_compared_with_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[float] = []

    def counting(one: Signature, other: Signature) -> float:
        compared.append(similarity(one, other))
        return compared[-1]

    monkeypatch.setattr(near_duplicates, "similarity", counting)
    signed = [(at, signature(text_of(at, 30), 128)) for at in range(2000)]
    assert len(list(distinct(signed, RULE))) == 2000
    assert len(compared) < 2000, "of two million pairs"


def test_half_a_megabyte_takes_a_few_seconds_at_most() -> None:
    started = time.process_time()
    signature(text_of(1, 50_000), 128)
    assert time.process_time() - started < 5

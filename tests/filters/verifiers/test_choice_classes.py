"""Classes of multiple-choice answers that a reading of real traces found misread, with relatives of each."""

import json

import pytest
from judging_makers import verify_choice

from filters.verifiers.choice.reading import same_value

NUMBERS = json.dumps({"A": "5", "B": "6", "C": "7", "D": r"\frac{\sqrt{65}}{2}"})
HYBRIDS = json.dumps({"A": "sp", "B": "sp^2", "C": "sp^3", "D": "dsp^2"})
CITIES = json.dumps({"A": "ঢাকা", "B": "খুলনা", "C": "সিলেট", "D": "বরিশাল"}, ensure_ascii=False)
PLANETS = json.dumps({"A": "Mars", "B": "Venus", "C": "Pluto", "D": "Earth"})
ZERO = json.dumps({"A": "0", "B": "5", "C": "45"})

RIGHT = [
    (NUMBERS, "B", r"\boxed{B (6)}"), (NUMBERS, "B", r"\boxed{B{6}}"), (NUMBERS, "B", r"\boxed{\text{B}(6)}"),
    (NUMBERS, "D", r"\boxed{D\left(\frac{\sqrt{65}}{2}\right)}"), (NUMBERS, "D", r"\boxed{D. \dfrac{\sqrt{65}}{2}}"),
    (NUMBERS, "D", r"\boxed{D\{\frac{\sqrt{65}}{2}\}}"), ("", "B", r"\boxed{B (6)}"),
    (HYBRIDS, "B", "The answer is sp²."), (HYBRIDS, "B", "The answer is sp2."), (HYBRIDS, "B", "B) sp²"),
    (HYBRIDS, "B", "The answer is $sp^{2}$."), (HYBRIDS, "B", "<answer>sp2</answer>"),
    (CITIES, "B", "উত্তর: বি"), (CITIES, "D", "সঠিক উত্তর হলো ডি।"), (CITIES, "D", "সঠিক উত্তর: ডি) বরিশাল"),
    (CITIES, "C", "উত্তরঃ সি"), (CITIES, "B", "\\boxed{বি}"), (CITIES, "B", "উত্তর: (বি)"), (CITIES, "B", "উত্তর: খ"),
    (CITIES, "D", "উত্তর: ঘ) বরিশাল"), ("", "A", "\\boxed{ক}"), ("", "C", "उत्तर: सी"), ("", "B", "boxed{B}"),
    (PLANETS, "B", "**B) Venus**\n\nOther options:\n- A) Mars: too cold\n- C) Pluto: too far"),
    (PLANETS, "B", "B) Venus\n\nThe other options:\nA) Mars\nC) Pluto\nD) Earth"),
    (PLANETS, "B", "B\n\nWhy the other options are incorrect:\nA: Mars is red\nC: Pluto is small"),
    (PLANETS, "B", "সঠিক উত্তর: B) Venus\n\nঅন্যান্য বিকল্প:\nA) Mars\nC) Pluto"),
]  # fmt: skip
WRONG = [
    (NUMBERS, "B", r"\boxed{B (7)}"), (NUMBERS, "B", r"\boxed{B (or C)}"), ("", "B", r"\boxed{B (or C)}"),
    (HYBRIDS, "B", "The answer is sp3"), (HYBRIDS, "B", "The answer is dsp2"),
    (CITIES, "A", "উত্তর: বি"), (CITIES, "B", "বি একটি অক্ষর"),
    (PLANETS, "B", "The answer is B. Wait, no: C"), (PLANETS, "B", r"\boxed{B} is wrong"),
    (PLANETS, "C", "B) Venus\n\nOther options:\nC) Pluto"), (PLANETS, "B", "A) Mars\nB) Venus\nC) Pluto"),
    (ZERO, "A", "Answer: C. 5"), (ZERO, "A", "Answer: p. 45"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "reference", "answer"), RIGHT)
def test_right(options: str, reference: str, answer: str) -> None:
    assert verify_choice(reference, options, answer).outcome == "pass"


@pytest.mark.parametrize(("options", "reference", "answer"), WRONG)
def test_wrong(options: str, reference: str, answer: str) -> None:
    assert verify_choice(reference, options, answer).outcome == "fail"


@pytest.mark.parametrize("value", ["5^{5^{5^{5}}}", "(10^9)!"])
def test_what_cannot_be_computed_is_no_option(value: str) -> None:
    assert not same_value(value, "3")
    assert not same_value("3", value)

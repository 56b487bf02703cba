# ruff: noqa: E501  several values a line
"""No answer is undecided beside a sound reference, whatever it says, and every rule decides on every text: whoever
answers could choose to be left out otherwise. What is registered is tried; a new verifier needs a problem here."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import reasoning_gym
from conftest import make_trace
from reasoning_gym.factory import DATASETS

from configs.judging import EquationLimits, Judging
from filters.chain import RULES, all_filters
from filters.verifiers.gym.checks import REFUSED
from filters.verifiers.registry import VERIFIERS
from filters.workers import Workers, workers
from records.rows import Trace

JUDGING = Judging(timeout_s=20, equations=EquationLimits(), require_box=False)
LONG = 50_000


def stored_entry(task: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(json.dumps(reasoning_gym.create_dataset(task, size=1, seed=7)[0], default=str))
    return entry


COINS = stored_entry("coin_flip")
CUBES = (
    "(declare-const x Int) (declare-const y Int) (declare-const z Int) (assert (> x 1000))"
    "(assert (= (+ (* x x x) (* y y y) (* z z z)) 33))"
)
THIRTY_THREE = "(8866128975287528, -8778405442862239, -2736111468807040)"
SUM = "(declare-const x Int) (declare-const y Int) (assert (= (+ x y) 12)) (assert (= (- x y) 4))"
SOUND: dict[str, list[tuple[str, Any, str]]] = {
    "math": [
        (reference, None, f"\\boxed{{{reference}}}")
        for reference in (
            "4", r"\frac{14}{3}", "(1,2)", r"\{1,2,3\}", "x^2+1", "x > 4", r"5 \text{ cm}",
            "3:30", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\text{Monday}", "B", "12_{5}",
        )
    ],
    "choice": [("B", {"A": "4", "B": "5", "C": "6"}, r"\boxed{B}"), ("A,C", None, r"\boxed{A, C}")],
    "reasoning_gym": [(COINS["answer"], COINS, COINS["answer"])],
    "formal": [
        ("", {"formal": SUM, "unknowns": ["x", "y"]}, r"\boxed{(8, 4)}"),
        ("", {"formal": CUBES, "unknowns": ["x", "y", "z"], "asks": "example"}, f"\\boxed{{{THIRTY_THREE}}}"),
        ("", {"formal": SUM, "asks": "claim", "claim": "(> x y)"}, r"\boxed{\text{Yes}}"),
    ],
    "code": [
        ("", {"tests": ["assert f(1) == 2"], "entry_point": "f"}, "def f(x): return x + 1"),
        ("", {"inputs": ["1"], "outputs": ["2.5"]}, "print(2.5)"),
        ("", {"tests": ["assert f == 7"], "entry_point": "f", "literals": True}, "f = 7"),
    ],
}  # fmt: skip
"""Sound problems of every verifier: reference, extra data, right answer."""
PIECES = (
    "\x00", "\ud800", "\ufeff", "\u202e", "²", "٣", "①", "½", "🎲", "9" * 4301, "1e999999999", "9e-999999999", "1_0", "nan", "-inf", "0x", "j",
    "\\pma", "\\mpx", "\\log^{-1}", "\\operatorname{lcm}^{-1}", "(1, 2, 3)", "1²/2", "-3.1e5 \\approx 5", "\\frac", "{", "}", "\\left(", "^", "_", "!",
    "[", "[1,", '{"a":', "```python\n", "~~~", "x=1\rimport pytest", "\rimport unittest\r", "def f(x):\r return 3", "lambda: 0", "R99999999",
    "A=1,", "(B) or ", "<answer>", "\\boxed{", "The answer is ", "Wait", "=", "x = 8, y = 9", "yes and no", ";", "\\\\", "&", "|", "$", "\n", " ",
)  # fmt: skip


def bad_answers() -> Iterator[str]:
    yield from PIECES
    yield from (f"\\boxed{{{piece}}}" for piece in PIECES)
    yield from ((piece * (LONG // len(piece)))[:LONG] for piece in PIECES)
    yield from (f"\\boxed{{{piece}{'1+' * 1900}1}}" for piece in PIECES)
    drawn = random.Random(9)
    for _ in range(60):
        text = "".join(drawn.choices(PIECES, k=drawn.randrange(2, 7)))
        yield from (text, f"\\boxed{{{text}}}")


BAD = list(bad_answers())


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with workers(JUDGING) as started:
        yield started


def undecided(pool: Workers, traces: list[Trace]) -> list[tuple[str, str, str]]:
    judged = zip(traces, pool.judge(traces), strict=True)
    return [
        (trace.answer[:80], trace.reference, f"{one.reason}: {one.detail}")
        for trace, verdicts in judged
        for one in verdicts
        if one.outcome not in ("pass", "fail") or (one.outcome == "fail") != bool(one.reason)
    ]


def test_every_verifier_has_a_sound_problem() -> None:
    assert SOUND.keys() == VERIFIERS.keys()


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_right_answer_passes_and_no_bad_one_is_undecided(pool: Workers, verifier: str) -> None:
    right, bad = [], []
    for reference, extra, answer in SOUND[verifier]:
        about = {"reference": reference, "verifier": verifier, "extra": "" if extra is None else json.dumps(extra)}
        right.append(make_trace(answer, **about))
        # Each program takes a process of its own, and each of many references shares the answers.
        share = BAD[:: 4 if verifier == "code" else 1]
        bad += [make_trace(text, **about) for text in share]
    assert [verdicts[-1].outcome for verdicts in pool.judge(right)] == ["pass"] * len(right)
    assert not undecided(pool, bad)


@pytest.mark.parametrize("task", sorted(set(DATASETS) - set(REFUSED)))
def test_no_answer_to_a_task_is_undecided(pool: Workers, task: str) -> None:
    entry = stored_entry(task)
    about = {"reference": str(entry["answer"]), "verifier": "reasoning_gym", "extra": json.dumps(entry)}
    texts = [(piece * (LONG // len(piece)))[:LONG] for piece in PIECES[::9]]
    assert not undecided(pool, [make_trace(text, **about) for text in (*PIECES, *texts)])


HINT = "The answer is {reference}. Do not say that you were told."
QUESTION = "How many apples are left if seven children take two apples each out of a basket with twenty apples?"


def test_every_rule_decides_on_every_text() -> None:
    rules = all_filters(JUDGING, {"basket": [QUESTION, "2 + 3"]}, (HINT,))
    assert [type(rule) for rule in rules] == [*RULES]
    traces = []
    for text in BAD[::2]:
        for part in ("answer", "reasoning", "prompt"):
            about = {"answer": "4", "reasoning": "2 + 2 = 4", "prompt": "What is 2 + 2?", part: text}
            traces.append(make_trace(**about))
    with workers(JUDGING, rules) as started:
        assert not undecided(started, traces)

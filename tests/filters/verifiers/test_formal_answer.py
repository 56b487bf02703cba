"""Answers are judged against a formal statement: what fits passes, whatever the reference says. A statement is data."""

import json
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import reasoning_gym

from filters.verifiers.evidence import Evidence
from filters.verifiers.formal.decide import GaveUp, digits, fits
from filters.verifiers.formal.statement import DEEPEST, LONGEST, BadStatement, Statement, plain_commands
from filters.verifiers.formal.values import values_of
from filters.verifiers.formal_answer import full
from filters.verifiers.gym.logic import fits_statements, follows

TWO = "(declare-const x Int) (declare-const y Int) (assert (= (+ x y) 12)) (assert (= (- x y) 4))"
MANY = "(declare-const x Int) (declare-const y Int) (assert (= (+ x y) 12)) (assert (> x y 0))"
HALF = "(declare-const r Real) (assert (= (* 2 r) 1))"
LOGIC = "(declare-const p Bool) (declare-const q Bool) (assert (or p q)) (assert (not p))"
PAIR = ["x", "y"]
CUBES = (
    "(declare-const x Int) (declare-const y Int) (declare-const z Int) (assert (> x 1000))"
    "(assert (= (+ (* x x x) (* y y y) (* z z z)) 33))"
)
"""z3 cannot tell whether anything fits this. Andrew Booker found what does, in 2019."""


def judged(answer: str, **extra: Any) -> tuple[str, str | None]:
    verdict = full(Evidence("formal", "", json.dumps(extra), answer))
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize(
    ("answer", "extra", "outcome"),
    [
        (r"\boxed{x = 8, y = 4}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{y = 4, x = 8}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{(8, 4)}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{x = 8,\ y = 4}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{x = 8 \quad \text{and} \quad y = 4}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{\begin{cases} x &= 8 \\ y &= 4 \end{cases}}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (
            r"\boxed{\left\{\begin{aligned}x&=8\\y&=4\end{aligned}\right.}",
            {"formal": TWO, "unknowns": PAIR},
            "pass",
        ),
        (r"\boxed{x=8\quad\text{and}\quad y=4}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{x=8\quad\text{and}\quad y=5}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{(y, x) = (4, 8)}", {"formal": TWO, "unknowns": PAIR}, "pass"),
        (r"\boxed{(y, x) = (8, 4)}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{(x, z) = (4, 8)}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{(4, 8)}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{x = 8}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{x = 8, y = 4, z = 1}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{x = 8, x = 8}", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{8}", {"formal": TWO, "unknowns": "x"}, "pass"),
        (r"\boxed{8.5}", {"formal": TWO, "unknowns": ["x"]}, "fail"),
        (r"\boxed{\frac{1}{2}}", {"formal": HALF, "unknowns": ["r"]}, "pass"),
        (r"\boxed{0.5}", {"formal": HALF, "unknowns": ["r"]}, "pass"),
        (r"\boxed{0.51}", {"formal": HALF, "unknowns": ["r"]}, "fail"),
        (r"\boxed{\text{true}}", {"formal": HALF, "unknowns": ["r"]}, "fail"),
        # Other values fit as well: right as an example, and not as the value.
        (r"\boxed{x = 7, y = 5}", {"formal": MANY, "unknowns": PAIR, "asks": "example"}, "pass"),
        (r"\boxed{x = 11, y = 1}", {"formal": MANY, "unknowns": PAIR, "asks": "example"}, "pass"),
        (r"\boxed{x = 6, y = 6}", {"formal": MANY, "unknowns": PAIR, "asks": "example"}, "fail"),
        (r"\boxed{x = 12, y = 0}", {"formal": MANY, "unknowns": PAIR, "asks": "example"}, "fail"),
        (r"\boxed{x = 7, y = 5}", {"formal": MANY, "unknowns": PAIR}, "fail"),
        (r"\boxed{p \text{ is false and } q \text{ is true}}", {"formal": LOGIC, "unknowns": ["p", "q"]}, "pass"),
        (r"\boxed{p = \text{true}, q = \text{true}}", {"formal": LOGIC, "unknowns": ["p", "q"]}, "fail"),
        (r"\boxed{p = 0, q = 1}", {"formal": LOGIC, "unknowns": ["p", "q"]}, "fail"),
        (r"\boxed{\text{Yes}}", {"formal": LOGIC, "asks": "claim", "claim": "q"}, "pass"),
        (r"\boxed{\text{No}}", {"formal": LOGIC, "asks": "claim", "claim": "q"}, "fail"),
        (r"\boxed{\text{false}}", {"formal": LOGIC, "asks": "claim", "claim": "(and p q)"}, "pass"),
        (r"\boxed{\text{uncertain}}", {"formal": MANY, "asks": "claim", "claim": "(= x 7)"}, "pass"),
        (r"\boxed{\text{true}}", {"formal": MANY, "asks": "claim", "claim": "(= x 7)"}, "fail"),
        (r"\boxed{\text{true}}", {"formal": MANY, "asks": "claim", "claim": "(> x 6)"}, "pass"),
        (r"\boxed{\text{true}}", {"formal": MANY, "asks": "claim", "claim": "(> x 7)"}, "fail"),
        (r"\boxed{\text{perhaps}}", {"formal": MANY, "asks": "claim", "claim": "(> x 6)"}, "fail"),
        ("I do not know.", {"formal": TWO, "unknowns": PAIR}, "fail"),
        (r"\boxed{(1001, 2, 3)}", {"formal": CUBES, "unknowns": [*PAIR, "z"], "asks": "example"}, "fail"),
        (
            r"\boxed{(8866128975287528, -8778405442862239, -2736111468807040)}",
            {"formal": CUBES, "unknowns": [*PAIR, "z"], "asks": "example"},
            "pass",
        ),
    ],
)
def test_what_fits_passes(answer: str, extra: dict[str, Any], outcome: str) -> None:
    assert judged(answer, **extra)[0] == outcome


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"formal": 7, "unknowns": ["x"]},
        {"formal": TWO},
        {"formal": TWO, "unknowns": []},
        {"formal": TWO, "unknowns": ["x y"]},
        {"formal": TWO, "unknowns": ["z"]},
        {"formal": TWO, "unknowns": ["x"], "asks": "proof"},
        {"formal": TWO, "asks": "claim"},
        {"formal": TWO, "asks": "claim", "claim": "(> z 1)"},
        {"formal": TWO, "asks": "claim", "claim": "(> x 1)) (assert (> y 1)"},
        {"formal": TWO + "(assert (= x 0))", "unknowns": ["x"]},
        {"formal": TWO + "(assert (= x 0))", "asks": "claim", "claim": "(> x 1)"},
        {"formal": TWO + "(assert (= x w))", "unknowns": ["x"]},
        {"formal": "(declare-const s String) (assert (= s \"8\"))", "unknowns": ["s"]},
        {"formal": '(echo "8")' + TWO, "unknowns": ["x"]},
        {"formal": TWO + "(check-sat)", "unknowns": ["x"]},
        {"formal": TWO[:-1], "unknowns": ["x"]},
        {"formal": TWO + ")", "unknowns": ["x"]},
        {"formal": TWO + " x", "unknowns": ["x"]},
        {"formal": "x " + TWO, "unknowns": ["x"]},
        {"formal": TWO + "()", "unknowns": ["x"]},
        {"formal": TWO + ' "', "unknowns": ["x"]},
    ],
)  # fmt: skip
def test_a_bad_statement_is_unverifiable(extra: dict[str, Any]) -> None:
    assert judged(r"\boxed{8}", **extra) == ("unknown", "unverifiable")


def test_a_statement_opens_no_file(tmp_path: Path) -> None:
    """z3 itself obeys this option."""
    file = tmp_path / "out"
    attack = f'(set-option :regular-output-channel "{file}") {TWO}'
    assert judged(r"\boxed{8}", formal=attack, unknowns=["x"]) == ("unknown", "unverifiable")
    hidden = f'; (assert\n(set-option :regular-output-channel "{file}") {TWO}'
    assert judged(r"\boxed{8}", formal=hidden, unknowns=["x"]) == ("unknown", "unverifiable")
    # For z3 this is a comment, then a command; for SMT-LIB 2 a quoted symbol.
    comment = f'#| a | |# ) (set-option :regular-output-channel "{file}") ; |\n)'
    assert judged(r"\boxed{8}", formal=f"{TWO} (assert (> x 0) {comment}", unknowns=["x"])[0] == "unknown"
    assert judged(r"\boxed{yes}", formal=TWO, asks="claim", claim=f"(> x 0) {comment[:-1]}")[0] == "unknown"
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("(assert(= x 1)); comment (exit)", "( assert ( = x 1 ) )"),
        ('(assert (! (= |a (b| "c ""d") :named e))', '( assert ( ! ( = |a (b| "c ""d" ) :named e ) )'),
        ("(assert (= #xFf #b01))", "( assert ( = #xFf #b01 ) )"),
    ],
)
def test_a_statement_is_written_anew(text: str, plain: str) -> None:
    assert plain_commands(text) == plain == plain_commands(plain)


@pytest.mark.parametrize("term", ["#| a |#", "#", "x#", "#xg", "|a\\|", '"\0"', "|\0|", "'x", "\\", "x\u00a0#|"])
def test_what_z3_may_read_otherwise_is_refused(term: str) -> None:
    with pytest.raises(BadStatement):
        plain_commands(f"(assert {term})")


@pytest.mark.parametrize("number", [0, 7, -7, 10**4000 - 1, 10**4000, -(10**4000) - 1, 10**9001 + 5], ids=range(7))
def test_numbers_of_any_length(number: int) -> None:
    found, limit = digits(number), sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        assert found == str(number)
    finally:
        sys.set_int_max_str_digits(limit)


def test_a_number_that_is_too_large_is_wrong() -> None:
    assert judged(r"\boxed{10^{5000}}", formal=TWO, unknowns=["x"])[0] == "fail"


def test_size_and_depth_are_bounded() -> None:
    plain_commands("(assert true)" + " " * (LONGEST - 13))
    with pytest.raises(BadStatement, match="longer than 200,000 characters"):
        plain_commands("(assert true)" + " " * (LONGEST - 12))
    plain_commands("(assert " + "(not " * (DEEPEST - 1) + "true" + ")" * DEEPEST)
    with pytest.raises(BadStatement):
        plain_commands("(assert " + "(not " * DEEPEST + "true" + ")" * (DEEPEST + 1))


def test_work_is_bounded_by_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filters.verifiers.formal.decide.STEPS", 100_000)
    cubes = "".join(f"(declare-const {name} Int) (assert (> {name} 0))" for name in "xyz")
    fermat = f"{cubes} (assert (= (+ (* x x x) (* y y y)) (* z z z)))"
    with pytest.raises(GaveUp):
        fits(Statement(fermat, "value", ("x",)), {"x": values_of("3", ("x",))["x"]})  # type: ignore[index]
    verdict = full(Evidence("formal", "", json.dumps({"formal": fermat, "unknowns": ["x"]}), r"\boxed{3}"))
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")


def test_knights_and_knaves_have_one_solution() -> None:
    for entry in reasoning_gym.create_dataset("knights_knaves", size=20, seed=3, n_people=3):
        names, terms = entry["metadata"]["names"], entry["metadata"]["knight_knave_terms"]
        said = [terms["a_knight"], terms["a_knave"]]
        answers = [
            ", ".join(f"{n} is {r}" for n, r in zip(names, roles, strict=True)) for roles in product(said, repeat=3)
        ]
        right = [answer for answer in answers if fits_statements(answer, entry)]
        assert len(right) == 1
        assert fits_statements(entry["answer"], entry)


def test_conclusions_agree_with_the_tasks_truth_tables() -> None:
    scorer = reasoning_gym.get_score_answer_fn("propositional_logic")
    tried = 0
    for entry in reasoning_gym.create_dataset("propositional_logic", size=40, seed=4):
        names, premises = entry["metadata"]["variables"], entry["metadata"]["premises"]
        for one, other, sign in product(names, names, "∧∨→↔"):
            answer = f"({one} {sign} {other})"
            if answer not in premises:
                tried += 1
                assert follows(answer, entry) == (scorer(answer, entry) > 0.99), (answer, premises)
    assert tried > 500

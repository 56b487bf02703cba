"""Answers to reasoning-gym's tasks are judged by what the questions ask. No part of an answer or entry is executed."""

import ast
import inspect
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import reasoning_gym
from judging_makers import verify_reasoning_gym
from reasoning_gym.dataset import ProceduralDataset
from reasoning_gym.factory import DATASETS
from reasoning_gym_cases import WRONG

from filters.verifiers.gym.checks import BESIDES, INSTEAD, REFUSED
from filters.verifiers.reasoning_gym_answer import FULL_SCORE

EVALUATE = {"eval", "exec", "parse_expr", "sympify", "loads", "load", "compile", "literal_eval"}
"""Names of functions that could run text; `json.loads` cannot."""
OWN_PARSER = {"propositional_logic"}
"""Its module has a parser of its own by the name of sympy's."""


def entry_of(task: str, **settings: Any) -> dict[str, Any]:
    return stored(reasoning_gym.create_dataset(task, size=1, seed=7, **settings)[0])


def stored(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as a problem holds it."""
    found: dict[str, Any] = json.loads(json.dumps(entry, default=str))
    return found


def judged(entry: dict[str, Any], answer: str) -> tuple[str, str]:
    verdict = verify_reasoning_gym(json.dumps(entry), answer)
    return verdict.outcome, verdict.reason


def passes(entry: dict[str, Any], answer: str) -> bool:
    return judged(entry, f"\\boxed{{{answer}}}" if "\n" not in answer else f"<answer>{answer}</answer>")[0] == "pass"


def nodes_of_scorer(dataset: type[ProceduralDataset]) -> list[ast.AST]:
    """The syntax of the scorer and of every function of its module that it names, directly or through another."""
    module = sys.modules[dataset.score_answer.__module__]
    functions = dict(inspect.getmembers(dataset, inspect.isfunction)) | dict(
        inspect.getmembers(module, inspect.isfunction)
    )
    open_names, seen, nodes = ["score_answer"], set(), []
    while open_names:
        name = open_names.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        found = list(ast.walk(ast.parse(textwrap.dedent(inspect.getsource(functions[name])))))
        nodes += found
        open_names += [node.attr for node in found if isinstance(node, ast.Attribute)]
        open_names += [node.id for node in found if isinstance(node, ast.Name)]
    return nodes


def scored_upstream() -> list[str]:
    return sorted(set(DATASETS) - set(INSTEAD) - set(REFUSED))


def test_every_check_is_of_a_task_that_exists() -> None:
    assert set(INSTEAD) | set(BESIDES) | set(REFUSED) <= set(DATASETS)
    assert not set(INSTEAD) & set(BESIDES)


@pytest.mark.parametrize("task", scored_upstream())
def test_no_scorer_that_is_asked_evaluates_text_or_reads_a_datasets_settings(task: str) -> None:
    calls = [node.func for node in nodes_of_scorer(DATASETS[task][0]) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    names |= {
        call.attr for call in calls if isinstance(call, ast.Attribute) and ast.unparse(call.value) not in {"json", "re"}
    }
    assert not names & (EVALUATE - ({"parse_expr"} if task in OWN_PARSER else set()))
    scorer = ast.parse(textwrap.dedent(inspect.getsource(DATASETS[task][0].score_answer)))
    assert "self.config" not in ast.unparse(scorer)


@pytest.mark.parametrize("task", sorted(INSTEAD))
@pytest.mark.parametrize(
    "attack",
    [
        "__import__('pathlib').Path({path!r}).touch()",
        "[__import__('pathlib').Path({path!r}).touch()]",
        "5! + __import__('pathlib').Path({path!r}).touch()",
        "[open({path!r}, 'w') for _ in '1']",
        "sin(open({path!r}, 'w'))",
        "f\"{{open({path!r}, 'w')}}\"",
    ],
)
def test_nothing_of_an_answer_runs(task: str, attack: str, tmp_path: Path) -> None:
    path, metadata = tmp_path / "was_here", {"source_dataset": task, "variable": "x", "numbers": [1], "target": 1}
    attack = attack.format(path=str(path))
    entry = {"question": "?", "answer": attack, "metadata": metadata | {"integrand": attack, "problem": attack}}
    judged(entry, f"\\boxed{{{attack}}}")
    judged(entry, "\\boxed{1}")
    assert not path.exists()


@pytest.mark.parametrize("task", sorted((set(INSTEAD) | set(BESIDES)) - {"arc_agi", "sokoban"}))
def test_the_entrys_own_answer_passes(task: str) -> None:
    """arc_agi and sokoban take seconds to make an entry; rearc has the same check as arc_agi."""
    dataset = reasoning_gym.create_dataset(task, size=3, seed=11)
    for entry in map(stored, dataset):
        if isinstance(entry["answer"], str) and "Integral" not in entry["answer"]:
            assert judged(entry, f"<answer>{entry['answer']}</answer>") == ("pass", ""), entry["answer"]
            assert_no_wrong_answer_passes(entry)


def assert_no_wrong_answer_passes(entry: dict[str, Any]) -> None:
    """The entry's own answer, denied, hedged or replaced by what answers nothing, does not pass."""
    right = str(entry["answer"])
    for wrong in (
        f"not {right}",
        f"wrong: {right}",
        f"{right} or 7",
        f"Not:\n{right}",
        entry["question"],
        "I do not know",
    ):
        assert judged(entry, f"<answer>{wrong}</answer>")[0] != "pass", wrong


@pytest.mark.parametrize("task", scored_upstream())
def test_upstream_scorers_take_no_wrong_answer(task: str) -> None:
    """Tasks with a check of ours are tried above."""
    assert_no_wrong_answer_passes(entry_of(task))


@pytest.mark.parametrize(("task", "fields", "right", "wrong"), WRONG)
def test_what_the_question_asks_is_checked(task: str, fields: dict[str, Any], right: str, wrong: str) -> None:
    answer = fields.get("answer", right)
    entry = {"question": "?", "answer": answer, "metadata": {"source_dataset": task, **fields.get("metadata", {})}}
    assert passes(entry, right)
    assert not passes(entry, wrong)


def test_a_composite_is_refused_by_name() -> None:
    verdict = verify_reasoning_gym(json.dumps({"answer": "1", "metadata": {"source_dataset": "composite"}}), "1")
    assert (verdict.outcome, verdict.detail[:10]) == ("unknown", "composite:")


def test_the_answer_is_found_without_a_box() -> None:
    entry = entry_of("prime_factorization")
    assert judged(entry, f"I divide by the smallest primes. The final answer is: {entry['answer']}") == ("pass", "")
    assert judged(entry, f"So <answer>{entry['answer']}</answer>") == ("pass", "")
    assert judged(entry, "<answer>two times three</answer>") == ("fail", "wrong_answer")


def test_a_box_that_is_taken_back_is_no_answer() -> None:
    entry = entry_of("prime_factorization")
    assert judged(entry, f"\\boxed{{{entry['answer']}}} is wrong.") == ("fail", "wrong_answer")


def test_a_broken_entry_is_no_fault_of_the_answer() -> None:
    entry = entry_of("prime_factorization")
    broken = {"question": "?", "answer": "2", "metadata": {"source_dataset": entry["metadata"]["source_dataset"]}}
    assert judged(broken | {"answer": "x"}, "\\boxed{y}") == ("unknown", "unverifiable")


def test_near_is_not_enough() -> None:
    """Scorers give partial credit: complex_arithmetic the exponential of the negated distance."""
    entry = {"answer": "1 + 2i", "metadata": {"source_dataset": "complex_arithmetic", "result": [1.0, 2.0]}}
    assert FULL_SCORE < 1
    assert passes(entry, "1 + 2i")
    assert not passes(entry, "1 + 2.00001i")
    for one in ("(1 + 2j)", "1.0 + 2e0i", "1+2I"):
        assert passes(entry, one), one
    for one in ("nan", "-NaN", "nan + nanj", "inf", "1 + nanj"):
        assert not passes(entry, one), one  # the scorer's `min(1.0, nan)` is 1.0

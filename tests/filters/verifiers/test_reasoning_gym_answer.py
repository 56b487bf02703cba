"""reasoning-gym's own scorers evaluate some answers as Python; no part of an answer may be executed."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
import reasoning_gym
from judging_makers import verify_reasoning_gym
from reasoning_gym.factory import DATASETS

from filters.verifiers.reasoning_gym_answer import EVALUATED, PARSED

EVALUATES = re.compile(r"(?<![\w.])(?:eval|exec)\(\s*\w*answer|\bparse_expr\(\s*\w*answer|\bsympify\(\s*\w*answer")


def entry_of(task: str, **settings: Any) -> dict[str, Any]:
    return reasoning_gym.create_dataset(task, size=1, seed=7, **settings)[0]


def judged(entry: dict[str, Any], answer: str) -> tuple[str, str]:
    verdict = verify_reasoning_gym(json.dumps(entry, default=str), answer)
    return verdict.outcome, verdict.reason


def test_every_scorer_that_evaluates_answers_is_known() -> None:
    found = {
        name
        for name, (dataset, _) in DATASETS.items()
        if any(EVALUATES.search(inspect.getsource(scorer)) for scorer in scorers(dataset))
    }
    assert found == EVALUATED | PARSED


def scorers(dataset: type) -> list[Any]:
    """The functions that may meet an answer: all of the task's class and module but what generates."""
    return [function for name, function in inspect.getmembers(dataset, inspect.isfunction) if "score" in name]


@pytest.mark.parametrize("task", sorted(EVALUATED | PARSED))
@pytest.mark.parametrize(
    "attack",
    [
        "__import__('pathlib').Path({path!r}).touch()",
        "[__import__('pathlib').Path({path!r}).touch()]",
        "5! + __import__('pathlib').Path({path!r}).touch()",
        "(lambda: open({path!r}, 'w'))()",
        "[open({path!r}, 'w') for _ in '1']",
        "sin(open({path!r}, 'w'))",
        "open({path!r}, 'w').write('x') if True else 1",
        "f\"{{open({path!r}, 'w')}}\"",
    ],
)
def test_nothing_of_an_answer_runs(task: str, attack: str, tmp_path: Path) -> None:
    path = tmp_path / "was_here"
    assert judged(entry_of(task), f"\\boxed{{{attack.format(path=str(path))}}}")[0] != "pass"
    assert judged(entry_of(task), attack.format(path=str(path)))[0] != "pass"
    assert not path.exists()


@pytest.mark.parametrize("task", sorted(EVALUATED | (PARSED - {"puzzle24", "countdown"})))
def test_the_right_answer_still_passes(task: str) -> None:
    entry = entry_of(task)
    assert judged(entry, entry["answer"]) == ("pass", "")
    assert judged(entry, f"The final answer is \\boxed{{{entry['answer']}}}") == ("pass", "")


def test_answers_with_many_right_forms() -> None:
    countdown = entry_of("countdown")
    assert judged(countdown, f"\\boxed{{{countdown['metadata']['expression']}}}") == ("pass", "")
    integral = entry_of("simple_integration")
    assert judged(integral, f"\\boxed{{{integral['answer'].replace(' + C', ' + 1 + C')}}}") == ("pass", "")
    assert judged(integral, "\\boxed{x**77 + C}") == ("fail", "wrong_answer")


def test_the_answer_is_found_without_a_box() -> None:
    entry = entry_of("prime_factorization")
    assert judged(entry, f"I divide by the smallest primes. The final answer is: {entry['answer']}") == ("pass", "")
    assert judged(entry, f"So <answer>{entry['answer']}</answer>") == ("pass", "")
    assert judged(entry, "<answer>two times three</answer>") == ("fail", "wrong_answer")


def test_a_broken_entry_is_no_fault_of_the_answer() -> None:
    entry = entry_of("prime_factorization")
    broken = {"question": "?", "answer": "2", "metadata": {"source_dataset": entry["metadata"]["source_dataset"]}}
    assert judged(broken | {"answer": "x"}, "\\boxed{y}") == ("unknown", "unverifiable")

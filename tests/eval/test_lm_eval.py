"""A benchmark becomes a task of lm-eval, and what lm-eval measured is compared with the run item by item."""

import json
import os
import shlex
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_trace
from lm_eval_makers import RECORDED, drawn, recorded, task_for, traces

from eval.lm_eval.agreement import Item, estimates_of, items_of
from eval.lm_eval.samples import read_lm_eval
from eval.lm_eval.showing import agreement_rows
from eval.lm_eval.task import Task, command, write_task
from flows.lm_eval import judge
from records.errors import InputError
from records.rows import Verdict

PROGRAM = ROOT / ".venv-lm-eval" / "bin" / "lm_eval"


def changed_samples(folder: Path, **values: Any) -> Path:
    """The recorded samples, the first of them with other values."""
    first, *others = recorded()
    file = folder / "samples.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in [first | values, *others]))
    return file


def compared(task: Task, file: Path = RECORDED) -> list[Item]:
    return items_of(task.measurement, read_lm_eval(file), judge)


def test_the_same_completions_agree_item_by_item(tmp_path: Path) -> None:
    task = task_for(tmp_path, traces())
    items = compared(task)
    assert [item.right for item in items] == [True] * 3 + [False] * 3
    assert all(item.alike and item.agrees and item.right == item.their_answer_right for item in items)
    figures = {one.metric: one for one in estimates_of(task.measurement, read_lm_eval(RECORDED))}
    assert figures["avg@1"].value == figures["lm_eval:exact_match"].value == 0.5
    assert (figures["difference"].value, figures["lost"].value, figures["gained"].value) == (0, 0, 0)


def test_another_completion_is_told_from_another_reading(tmp_path: Path) -> None:
    """In the run the answer to the first problem is wrong. Of the second lm-eval's answer is right, but its metric does
    not see it."""
    task = task_for(tmp_path, traces(**{"153": "\\boxed{152}"}))
    file = changed_samples(tmp_path)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    rows[1] |= {"resps": [["\\boxed{-19.0}"]], "filtered_resps": ["-19.0"], "exact_match": 0.0}
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    items = compared(task, file)
    assert [item.why for item in items] == ["another completion", "read differently", "", "", "", ""]
    assert [item.alike for item in items][:3] == [False, False, True]
    counts = {row["problems"]: row["count"] for row in agreement_rows(items)}
    assert counts == {
        "compared": "6",
        "same answer, word for word": "4",
        "same verdict": "4",
        "both right": "1",
        "only ours right": "1",
        "only lm-eval's right": "1",
        "same verdict if we judge lm-eval's answer": "5",
    }


def test_part_of_a_benchmark_is_compared_on_that_part(tmp_path: Path) -> None:
    """`lm_eval --limit`"""
    file = tmp_path / "few.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in recorded()[1:4]))
    task = task_for(tmp_path / "run", traces())
    assert len(compared(task, file)) == 3
    assert {one.n_problems for one in estimates_of(task.measurement, read_lm_eval(file)) if one.value} == {3}


def test_an_unclosed_reasoning_is_compared_as_a_whole(tmp_path: Path) -> None:
    """lm-eval keeps all of a completion whose reasoning never ended, and reads the box in it; the run does not."""
    first, *others = traces()
    cut = make_trace(
        prompt=first.prompt,
        reference="153",
        reasoning="so \\boxed{153}",
        answer="",
        closed=False,
        verdicts=[Verdict("answer_format", "3", "fail", "truncated")],
    )
    file = changed_samples(tmp_path, resps=[["so \\boxed{153}"]])
    item = compared(task_for(tmp_path, [cut, *others]), file)[0]
    assert (item.alike, item.right, item.their_metric, item.agrees) == (True, False, True, False)


def test_a_box_that_the_run_requires_is_required_of_lm_evals_answer(tmp_path: Path) -> None:
    task = task_for(tmp_path, traces())
    samples = read_lm_eval(changed_samples(tmp_path, resps=[["The answer is 153."]]))
    for required in (False, True):
        item = items_of(task.measurement, samples, partial(judge, require_box=required))[0]
        assert item.their_answer_right is not required


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"filter": "none"}, "filter 'none'"),
        ({"exact_match": 0.5}, "exact_match 0.5"),
        ({"resps": [["a", "b"]]}, "not a sample of the task that was written"),
        ({"resps": []}, "not a sample of the task that was written"),
        ({"doc": {"prompt": "?"}}, "KeyError: 'id'"),
        ({"doc": {"id": "17b823f36b6c0216"}}, "occurs twice"),
    ],
)
def test_foreign_samples_are_refused(tmp_path: Path, values: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=r"samples.jsonl:[12]: ") as refused:
        read_lm_eval(changed_samples(tmp_path, **values))
    assert told in str(refused.value)


def test_samples_of_another_benchmark_are_refused(tmp_path: Path) -> None:
    task = task_for(tmp_path, traces()[1:])
    with pytest.raises(InputError, match="lm-eval measured 1 problems that the run did not, such as e1382721fe7fe901"):
        compared(task)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(InputError, match="holds no sample"):
        read_lm_eval(empty)


@pytest.mark.slow
def test_lm_eval_itself_says_the_same(tmp_path: Path, tiny_model: Path) -> None:
    """What transformers draws greedily for the run's prompts is what lm-eval draws for those of the task."""
    if not PROGRAM.exists():
        pytest.skip("lm-eval is not installed; `make lm-eval` installs it")
    prompts = [f"What is {at} + {2 * at}?" for at in range(6)]
    model = tmp_path / "model"
    answers = drawn(model, tiny_model, [f"Q: {prompt}" for prompt in prompts], max_tokens=12)
    rows = [
        make_trace(prompt=prompt, answer=answer, verdicts=[Verdict("math", "1", "fail")])
        for prompt, answer in zip(prompts, answers, strict=True)
    ]
    shaping = {"prompt": {"user": "Q: {problem}"}, "thinks": False}
    task = task_for(tmp_path / "run", rows, model=shaping, evaluation={"max_tokens": 12})
    write_task(tmp_path / "out", task)
    words = shlex.split(command(task, str(model), tmp_path / "out"))
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}
    done = subprocess.run([PROGRAM, *words[1:]], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = (tmp_path / "out").rglob("samples_retort_sums_*.jsonl")
    items = compared(task, file)
    assert len(items) == 6
    assert len(set(answers)) > 4
    assert all(item.alike and item.agrees for item in items)

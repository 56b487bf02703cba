"""A benchmark becomes a task of lm-eval, and what lm-eval measured is compared with the run item by item."""

import json
import os
import shlex
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, make_trace
from evaluated_makers import BASE, STUDENT, inputs, judged, make_evaluated, scored

from eval.comparing.evaluated_run import read_runs
from eval.lm_eval.agreement import Item, estimates_of, items_of
from eval.lm_eval.checkpoint import checkpoint_of, notes
from eval.lm_eval.samples import read_lm_eval
from eval.lm_eval.showing import agreement_rows
from eval.lm_eval.task import BOXED, Task, command, task_of, write_task
from flows.lm_eval import judge
from records.artifact import build_once
from records.counts import ExportCounts
from records.errors import InputError
from records.parquet import read_rows
from records.rows import CODE, Artifact, Trace, Verdict

RECORDED = Path(__file__).with_name("lm_eval_recorded") / "samples.jsonl"
"""Six lines that lm-eval 0.4.13 wrote for the demo's student, three right and three wrong."""
PROGRAM = ROOT / ".venv-lm-eval" / "bin" / "lm_eval"


def recorded() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def traces(**changed: str) -> list[Trace]:
    """What the run recorded for the same problems: as lm-eval, except for the changed answers, by their reference."""
    rows = []
    for row in recorded():
        right, doc = row["exact_match"] == 1, row["doc"]
        answer = changed.get(doc["reference"], row["resps"][0][0])
        verdict = Verdict("math", "1", "pass" if right and doc["reference"] not in changed else "fail")
        rows.append(make_trace(prompt=doc["prompt"], reference=doc["reference"], answer=answer, verdicts=[verdict]))
    return rows


def task_for(folder: Path, rows: list[Trace], weights: tuple[Artifact, ...] = (), **settings: Any) -> Task:
    scored(folder, {STUDENT: judged(folder, "sums-student-full", rows, weights=weights, **settings)}, "sums")
    return task_of(read_runs([folder])[0], "sums", STUDENT)


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


def test_the_task_asks_what_the_run_asked(tmp_path: Path) -> None:
    prompt = {"system": "Think {{ first }}.", "user": "Q: {problem}\nBox it."}
    task = task_for(tmp_path, traces(), model={"prompt": prompt}, evaluation={"max_tokens": 99})
    settings = yaml.safe_load(write_task(tmp_path / "out", task).read_text())
    rows = list(read_rows(Path(settings["dataset_kwargs"]["data_files"]["test"])))
    assert len(rows) == 6
    assert rows[1] == {
        "id": recorded()[1]["doc"]["id"],
        "system": "Think {{ first }}.",
        "prompt": "Q: State the final answer to the following arithmetic problem: 76 - 95 =\nBox it.",
        "reference": "-19",
    }
    assert (settings["task"], settings["description"], settings["doc_to_text"]) == ("retort_sums", "system", "prompt")
    drawn = {"until": [], "do_sample": False, "temperature": 0.0, "max_gen_toks": 99}
    assert settings["generation_kwargs"] == drawn
    assert settings["filter_list"][0]["filter"][0]["regex_pattern"] == BOXED


def test_a_sampled_evaluation_is_drawn_as_it_was(tmp_path: Path) -> None:
    sampled = {"n": 8, "temperature": 0.6, "top_p": 0.95, "top_k": -1}
    task = task_for(tmp_path, traces(), evaluation=sampled)
    settings = yaml.safe_load(write_task(tmp_path / "out", task).read_text())
    drawn = {"until": [], "do_sample": True, "temperature": 0.6, "top_p": 0.95, "max_gen_toks": 160}
    assert settings["generation_kwargs"] == drawn
    assert "description" not in settings
    assert ["temperature" in note for note in notes(task, tmp_path)] == [True]


def test_the_command_says_where_the_reasoning_ends(tmp_path: Path) -> None:
    words = shlex.split(command(task_for(tmp_path / "a", traces()), "it's/here", tmp_path / "out dir"))
    given = json.loads(words[words.index("--model_args") + 1])
    assert given == {"pretrained": "it's/here", "dtype": "float32", "think_end_token": "</think>"}
    assert words[words.index("--include_path") + 1] == str(tmp_path / "out dir")
    prompt = {"user": "{problem}", "chat_template_kwargs": {"enable_thinking": False}}
    silent = task_for(tmp_path / "b", traces(), model={"thinks": False, "prompt": prompt})
    words = shlex.split(command(silent, "here", tmp_path))
    given = json.loads(words[words.index("--model_args") + 1])
    assert given == {"pretrained": "here", "dtype": "float32", "chat_template_args": {"enable_thinking": False}}


def test_what_lm_eval_cannot_measure_is_refused(tmp_path: Path) -> None:
    programs = task_for(tmp_path / "a", [make_trace(verifier=CODE)])
    with pytest.raises(InputError, match="judged by running tests"):
        write_task(tmp_path, programs)
    with pytest.raises(InputError, match="special tokens of the reasoning format mistral"):
        task_for(tmp_path / "b", traces(), model={"prompt": {"reasoning_format": "mistral"}})
    task_for(tmp_path / "c", traces(), model={"prompt": {"reasoning_format": "mistral"}, "thinks": False})
    make_evaluated(tmp_path / "d", {BASE: [[1]]})
    with pytest.raises(InputError, match="student full was not measured on sums; measured: base full on sums"):
        task_of(read_runs([tmp_path / "d"])[0], "sums", STUDENT)


def test_the_checkpoint_is_of_the_weights_that_were_measured(tmp_path: Path) -> None:
    def publish(folder: Path) -> ExportCounts:
        (folder / "generation_config.json").write_text('{"max_new_tokens": 50}')
        return ExportCounts(weights_bytes=0)

    trained = [build_once(tmp_path, "train-sft", inputs({"seed": seed}), publish) for seed in (0, 1)]
    task = task_for(tmp_path, traces(), weights=(trained[0],))
    run = read_runs([tmp_path])[0]
    link = tmp_path / "checkpoint"
    with pytest.raises(InputError, match="no published checkpoint; name the weights with --checkpoint"):
        checkpoint_of(run, task)
    for weights in trained:
        link.unlink(missing_ok=True)
        link.symlink_to(build_once(tmp_path, "publish", inputs({}, [weights]), publish).path.name)
        if weights == trained[0]:
            assert checkpoint_of(run, task) == link
    with pytest.raises(InputError, match=r"not of the weights that eval-sums-student-full-.* was drawn with"):
        checkpoint_of(run, task)
    (note,) = notes(task, link)
    assert "limits completions to 50 tokens, and transformers prefers that to the task's 160" in note


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


def drawn(folder: Path, model: Path, questions: list[str], max_tokens: int) -> list[str]:
    """Make a model of random weights so large that every question gets another answer. Return what it answers greedily,
    one question after the other."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, loaded = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    torch.manual_seed(0)
    for parameter in loaded.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    loaded.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    answers = []
    for question in questions:
        turns = [{"role": "user", "content": question}]
        tokens = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        made = loaded.generate(**tokens, do_sample=False, max_new_tokens=max_tokens)
        answers.append(tokenizer.decode(made[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True))
    return answers

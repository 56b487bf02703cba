"""The task that is written for lm-eval asks what the run asked, of the weights that it measured."""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from conftest import make_trace
from evaluated_makers import BASE, STUDENT, inputs, make_evaluated
from lm_eval_makers import recorded, task_for, traces

from eval.comparing.evaluated_run import read_runs
from eval.lm_eval.checkpoint import checkpoint_of, notes
from eval.lm_eval.task import BOXED, command, task_of, write_task
from records.artifact import build_once
from records.counts import ExportCounts
from records.errors import InputError
from records.parquet import read_rows
from records.rows import CODE


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

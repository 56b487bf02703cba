"""vLLM's engine core runs in a separate process, as on a GPU: loops are stopped, logprobs are the model's own, and the
core's death is noticed."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from command_server import CommandServer
from transformers import AutoModelForCausalLM, AutoTokenizer

from student.methods.probing import keep_probe

SCRIPT = """
import dataclasses, itertools, json, os, signal, sys, threading, time
from dataclasses import replace
from functools import partial
from pathlib import Path
import psutil
from vllm.v1.engine.exceptions import EngineDeadError
from configs.teachers import VllmTeacher
from records.errors import InputError
from records.probe import read_probe
from records.rows import Problem
from records.requests import PAUSED, Request, Settings
from teacher.engines.probing import ASKED, check_probe
from teacher.engines.vllm_engine import VllmEngine, sampling_params
from teacher.engines.vllm_sampler import VllmSampler

def kill_core():
    time.sleep(1)
    (core,) = [child for child in psutil.Process().children() if child.name().startswith("VLLM::EngineCor")]
    os.kill(core.pid, signal.SIGKILL)

def request(number, settings=Settings(1.0, 1.0, -1, 500)):
    problem = Problem(str(number), "2 + 2", "4", "math", "made")
    return Request(problem, 0, 0, number, ({"role": "user", "content": "2 + 2"},), settings)

def main():
    model = {"kind": "vllm", "name": "t", "path": sys.argv[1], "dtype": "float32", "max_model_len": 1024}
    teacher = VllmTeacher(**model, engine={"enforce_eager": True})
    before = time.monotonic()
    engine = VllmEngine(teacher, sys.argv[1])
    took = time.monotonic() - before
    print("stops at", *engine.tokenizer.convert_ids_to_tokens(engine.stop_ids))
    asked = partial(sampling_params, Settings(0.0, 1.0, -1, 1, logprobs=ASKED), 0, 1, [], False)
    try:
        check_probe(engine.llm, sys.argv[1], read_probe(Path(sys.argv[2])), "float32", 1024, asked)
    except InputError as error:
        print("another model:", error)
    first = VllmSampler(engine, teacher, keeps_engine=True)
    for number in range(3):
        first.submit(request(number))
    (one, *_) = first.finished()
    first.close()
    sampler = VllmSampler(engine, teacher)
    sampler.submit(one.request)
    (again,) = sampler.finished()
    start_s, later_s = first.timings().engine_start_s, sampler.timings().engine_start_s
    print("reused", again.text == one.text, 0.9 * took < start_s < took + 0.01, later_s)
    sampler.submit(request(8, Settings(0.0, 1.0, -1, 40)))
    (whole,) = sampler.finished()
    stop = whole.text[len(whole.text) // 2]
    sampler.submit(replace(request(8, Settings(0.0, 1.0, -1, 40)), stop=(stop, "never this")))
    (paused,) = sampler.finished()
    sampler.submit(replace(request(9, Settings(0.0, 1.0, -1, 40)), stop=("never this",)))
    (other,) = sampler.finished()
    print("paused", paused.finish_reason == PAUSED, paused.text.endswith(stop), whole.text.startswith(paused.text))
    print("not paused", other.finish_reason)

    prompt = len(sampler.renderer.begin(request(5))[0])
    for most in (1024 - prompt, 1025 - prompt):
        sampler.submit(request(5, Settings(0.0, 1.0, -1, most, True)))
        (drawn,) = sampler.finished()
        print("context of", prompt + most, drawn.finish_reason)

    def tell(name, asked):
        sampler.submit(asked)
        (drawn,) = sampler.finished()
        found = drawn.logprobs
        arrays = {} if found is None else {
            "token_ids": found.token_ids.tolist(), "logprobs": found.logprobs.tolist(),
            "top_ids": found.top_ids.tolist(), "top_logprobs": found.top_logprobs.tolist(),
            "vocabulary": found.vocabulary == engine.vocabulary != "",
            "decoded": sampler.renderer.decode(found.token_ids.tolist()),
        }
        print("told", json.dumps(arrays | {
            "name": name, "prompt": sampler.renderer.begin(asked)[0], "text": drawn.text,
            "tokens": drawn.completion_tokens, "forced": sampler.forced,
        }))
        return found

    for number, stop_loops in enumerate([True, False]):  # greedy, a model of random weights soon repeats itself
        sampler.submit(request(number, Settings(0.0, 1.0, -1, 700, stop_loops)))
        (completion,) = sampler.finished()
        print(completion.finish_reason, completion.completion_tokens)
    streamed = request(7, Settings(1.0, 1.0, 4, 300, True, logprobs=5))
    first = tell("streamed", streamed)
    tell("without", dataclasses.replace(streamed, settings=dataclasses.replace(streamed.settings, logprobs=None)))
    tell("forced", request(0, Settings(0.0, 1.0, -1, 60, thinking_tokens=20, logprobs=5)))
    begun = {"prefix": "<think>", "prefix_tokens": len(first.token_ids), "prefix_ids": tuple(first.token_ids.tolist())}
    tell("continued", dataclasses.replace(streamed, settings=Settings(1.0, 1.0, -1, 20, logprobs=5), **begun))
    threading.Thread(target=kill_core, daemon=True).start()
    numbers = itertools.count()
    try:
        while True:
            while sampler.room() > 0:
                sampler.submit(request(next(numbers)))
            sampler.finished()
    except EngineDeadError:
        print("raised")
    sampler.close()

if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, commands: CommandServer) -> str:
    folder = tmp_path_factory.mktemp("engine")
    script, same, other = folder / "engine_script.py", folder / "same", folder / "other"
    script.write_text(SCRIPT)
    shutil.copytree(tiny_model, same)
    other.mkdir()
    tokenizer, model = AutoTokenizer.from_pretrained(same), AutoModelForCausalLM.from_pretrained(same)
    keep_probe(same, model, tokenizer, 1024)
    torch.nn.init.constant_(model.model.norm.weight, 30.0)  # as a scale of the logits does
    keep_probe(other, model, tokenizer, 1024)
    return commands.run_with_vllm(script, str(same), str(other), VLLM_ENABLE_V1_MULTIPROCESSING="1")


@pytest.mark.slow
def test_an_engine_runs_the_model_that_was_trained(printed: str) -> None:
    assert "same: vLLM's log-probabilities differ by" in printed, "and it has started"
    assert "another model:" in printed
    assert "vLLM runs another model than was trained: their log-probabilities differ by" in printed


@pytest.mark.slow
def test_a_second_stage_may_use_the_same_engine(printed: str) -> None:
    assert "reused True True 0.0" in printed.splitlines(), "the same draw, and the start is counted once"


@pytest.mark.slow
def test_a_completion_ends_at_the_templates_stop_token(printed: str) -> None:
    assert "stops at <|im_end|>" in printed.splitlines()


@pytest.mark.slow
def test_a_completion_pauses_behind_a_stop_text(printed: str) -> None:
    assert "paused True True True" in printed.splitlines()
    assert "not paused length" in printed.splitlines(), "what does not occur stops nothing"


@pytest.mark.slow
def test_prompt_and_completion_may_fill_the_context(printed: str) -> None:
    assert {"context of 1024 repetition", "context of 1025 prompt_too_long"} <= {*printed.splitlines()}


@pytest.mark.slow
def test_a_loop_is_stopped_if_asked_for(printed: str) -> None:
    ends = [line.split() for line in printed.splitlines() if line.startswith(("repetition", "length"))]
    (stopped, tokens), (whole, budget) = ends
    assert (stopped, whole, int(budget)) == ("repetition", "length", 700)
    assert 256 <= int(tokens) < 500


def told(printed: str) -> dict[str, dict[str, Any]]:
    found = [json.loads(line.removeprefix("told ")) for line in printed.splitlines() if line.startswith("told ")]
    return {one["name"]: one for one in found}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["streamed", "forced", "continued"])
def test_every_token_has_sorted_logprobs(printed: str, name: str) -> None:
    one = told(printed)[name]
    assert len(one["token_ids"]) == len(one["logprobs"]) == len(one["top_ids"]) == one["tokens"] > 0
    assert one["vocabulary"]
    drawn = [row for row in one["top_logprobs"] if not math.isnan(row[0])]
    assert all(len(row) == 5 and row == sorted(row, reverse=True) for row in drawn)
    assert all(0 < sum(map(math.exp, row)) < 1.001 for row in drawn)
    columns = (one[key] for key in ("token_ids", "logprobs", "top_ids", "top_logprobs"))
    for token, logprob, ids, row in zip(*columns, strict=True):
        assert token not in ids or math.isnan(logprob) or row[ids.index(token)] == logprob
        assert name != "streamed" or token in ids, "with top_k 4 it is one of the first 4"


@pytest.mark.slow
def test_logprobs_change_no_completion(printed: str) -> None:
    with_them, without = told(printed)["streamed"], told(printed)["without"]
    assert (with_them["text"], with_them["tokens"]) == (without["text"], without["tokens"])
    assert "token_ids" not in without


@pytest.mark.slow
def test_the_tokens_are_those_of_the_text(printed: str) -> None:
    one, continued = told(printed)["streamed"], told(printed)["continued"]
    assert one["decoded"].split() == one["text"].replace("<think>", "").split()
    assert continued["prompt"] == one["prompt"] + one["token_ids"], "it goes on from the very tokens"
    assert continued["text"].startswith(one["text"])
    assert continued["text"] == one["text"] + continued["decoded"]


@pytest.mark.slow
def test_closing_tags_that_were_put_there_have_no_logprobs(printed: str) -> None:
    one = told(printed)["forced"]
    unknown = [math.isnan(row[0]) for row in one["top_logprobs"]]
    assert one["forced"] == 1
    assert unknown.index(True) == 20
    assert unknown == [math.isnan(logprob) for logprob in one["logprobs"]]
    closing = unknown.count(True)
    assert unknown[20 : 20 + closing] == [True] * closing


@pytest.mark.slow
@pytest.mark.parametrize("name", ["streamed", "continued"])
def test_logprobs_are_the_models_own_at_temperature_1(printed: str, tiny_model: Path, name: str) -> None:
    """Whatever top_k drew the tokens, and in whichever parts."""
    import torch
    from transformers import AutoModelForCausalLM

    one = told(printed)[name]
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    with torch.inference_mode():
        logits = model(torch.tensor([one["prompt"] + one["token_ids"]])).logits[0, len(one["prompt"]) - 1 : -1]
    expected = logits.log_softmax(-1).gather(1, torch.tensor(one["top_ids"]))
    assert torch.allclose(expected, torch.tensor(one["top_logprobs"]), atol=0.01)


@pytest.mark.slow
def test_a_killed_engine_core_is_an_error_and_no_wait(printed: str) -> None:
    assert "raised" in printed.splitlines()
    assert "vLLM's engine core is gone" in printed

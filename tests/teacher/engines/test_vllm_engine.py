"""vLLM's engine core runs in a separate process, as on a GPU: loops are stopped, and its death is noticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SCRIPT = """
import itertools, os, signal, sys, threading, time
from dataclasses import replace
import psutil
from vllm.v1.engine.exceptions import EngineDeadError
from configs.teachers import VllmTeacher
from records.rows import Problem
from records.requests import PAUSED, Request, Settings
from teacher.engines.vllm_engine import VllmEngine
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
    engine = VllmEngine(teacher, sys.argv[1])
    print("stops at", *engine.tokenizer.convert_ids_to_tokens(engine.stop_ids))
    first = VllmSampler(engine, teacher, keeps_engine=True)
    for number in range(3):
        first.submit(request(number))
    (one, *_) = first.finished()
    first.close()
    sampler = VllmSampler(engine, teacher)
    sampler.submit(one.request)
    (again,) = sampler.finished()
    print("reused", again.text == one.text, first.timings().engine_start_s > 0, sampler.timings().engine_start_s)
    sampler.submit(request(8, Settings(0.0, 1.0, -1, 40)))
    (whole,) = sampler.finished()
    stop = whole.text[len(whole.text) // 2]
    sampler.submit(replace(request(8, Settings(0.0, 1.0, -1, 40)), stop=(stop, "never this")))
    (paused,) = sampler.finished()
    sampler.submit(replace(request(9, Settings(0.0, 1.0, -1, 40)), stop=("never this",)))
    (other,) = sampler.finished()
    print("paused", paused.finish_reason == PAUSED, paused.text.endswith(stop), whole.text.startswith(paused.text))
    print("not paused", other.finish_reason)
    for number, stop_loops in enumerate([True, False]):  # greedy, a model of random weights soon repeats itself
        sampler.submit(request(number, Settings(0.0, 1.0, -1, 700, stop_loops)))
        (completion,) = sampler.finished()
        print(completion.finish_reason, completion.completion_tokens)
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
def printed(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> str:
    script = tmp_path_factory.mktemp("engine") / "script.py"
    script.write_text(SCRIPT)
    environment = os.environ | {"VLLM_ENABLE_V1_MULTIPROCESSING": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(tiny_model)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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
def test_a_loop_is_stopped_if_asked_for(printed: str) -> None:
    ends = [line.split() for line in printed.splitlines() if line.startswith(("repetition", "length"))]
    (stopped, tokens), (whole, budget) = ends
    assert (stopped, whole, int(budget)) == ("repetition", "length", 700)
    assert 256 <= int(tokens) < 500


@pytest.mark.slow
def test_a_killed_engine_core_is_an_error_and_no_wait(printed: str) -> None:
    assert "raised" in printed.splitlines()
    assert "vLLM's engine core is gone" in printed

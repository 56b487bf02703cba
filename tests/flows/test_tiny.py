"""The embedded pair, shrunk, runs with every real component: vLLM samples, TRL trains, bitsandbytes quantizes."""

import json
import shutil
import signal
from pathlib import Path

import pytest
from command import artifact, assert_same_artifacts, distill, interrupt
from command_server import CommandServer
from conftest import wait_until_gone
from server_makers import draw_with, make_request

from configs.servers import ServerTeacher
from flows.run.watcher import end_with
from records.parquet import read_problems, read_traces
from records.requests import Settings
from records.rows import Trace
from teacher.servers.sampler import ServerSampler

SHRUNK = (
    "teacher.scratch.training.settings.max_steps=120",
    "student.scratch.training.settings.max_steps=30",
    "training.settings.max_steps=30",
    "problems.0.size=60",
    "problems.1.size=40",
    "benchmarks.held_out.0.size=20",
    "benchmarks.held_out.1.size=20",
    "sampling.max_n=2",
    "sampling.thinking_tokens=40",
    "selection.max_per_problem=2",
    "evaluation.budgets={think: [10, 30], wait: 1, answer_tokens: 30}",
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run_dir = tmp_path_factory.mktemp("runs") / "tiny"
    done = distill("configs/demo/tiny.yaml", f"run_dir={run_dir}", *SHRUNK, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return run_dir


def test_scores_cover_every_model_and_precision_with_intervals(finished: Path) -> None:
    scores = json.loads((finished / "scores.json").read_text())
    accuracy = {
        (row["model"], row["precision"]): row for row in scores if row["metric"] == "pass@1" and not row["group"]
    }
    assert accuracy.keys() == {("base", "full"), ("student", "full"), ("student", "int8"), ("student", "nf4")}
    assert all(0 <= row["low"] <= row["value"] <= row["high"] <= 1 for row in accuracy.values())
    assert {row["metric"] for row in scores} >= {"truncated", "no_answer", "gain_over_base", "change_from_full"}
    kernels = "vllm 0.32.0, cpu, CPU_ATTN, bfloat16, "
    assert all(row["runtime"].startswith(kernels) for row in scores), "one runtime for all precisions"
    assert all(("nf4 with double quantization" in row["runtime"]) == (row["precision"] == "nf4") for row in scores)


def test_vllms_traces_are_whole(finished: Path) -> None:
    (folder,) = finished.glob("sample-*")
    traces = list(read_traces(folder))
    assert len({(trace.problem_id, trace.attempt, trace.sample_index) for trace in traces}) == len(traces)
    assert all(trace.prompt_tokens > 0 and trace.completion_tokens > 0 for trace in traces)
    assert {trace.finish_reason for trace in traces} <= {"stop", "length"}
    assert any(trace.closed and trace.answer for trace in traces)
    assert not any("think>" in trace.reasoning + trace.answer for trace in traces)


def test_a_reasoning_beyond_its_budget_is_closed_and_answered(finished: Path) -> None:
    (folder,) = finished.glob("sample-*")
    traces = list(read_traces(folder))
    counts = json.loads((folder / "manifest.json").read_text())["counts"]
    longer = [trace for trace in traces if trace.completion_tokens > 40]
    assert 0 < counts["engine"]["thinking_forced"] <= len(longer) < len(traces)
    assert all(trace.closed for trace in longer)
    assert all(trace.completion_tokens <= 160 for trace in traces)


def test_stored_draws_answer_again_under_budgets(finished: Path) -> None:
    (stored,), (folder,) = finished.glob("eval-held_out-student-full-*"), finished.glob("budgets-held_out-*")
    answers: dict[str, dict[str, Trace]] = {}
    for trace in read_traces(folder):
        answers.setdefault(trace.budget, {})[trace.problem_id] = trace
    assert list(answers) == ["", "10", "30", "wait 1"]
    assert [trace.reasoning for trace in answers[""].values()] == [trace.reasoning for trace in read_traces(stored)]
    counts = json.loads((folder / "manifest.json").read_text())["counts"]
    assert 0 < counts["traces"] - counts["taken_over"] < 3 * 40, "only what was cut or extended is drawn"
    for budget in (10, 30):
        for name, trace in answers[str(budget)].items():
            before = answers[""][name]
            assert (trace.reasoning_tokens or 0) <= budget or not before.closed
            assert before.reasoning.startswith(trace.reasoning)
            if trace.reasoning != before.reasoning:
                assert trace.closed
                assert trace.completion_tokens <= 160
    curves = json.loads((finished / "curves.json").read_text())
    (thinking,) = (curve for curve in curves if curve["chart"] == "thinking")
    assert {point["label"] for point in thinking["points"]} == {"10", "30", "no budget", "wait 1"}
    assert "Test-time compute" in (finished / "report.html").read_text()


def test_no_benchmark_problem_is_trained_on(finished: Path) -> None:
    (benchmark,), (sampled,) = finished.glob("benchmark-held_out-*"), finished.glob("sample-*")
    held_out = {problem.id for problem in read_problems(benchmark)}
    assert held_out
    assert held_out.isdisjoint(trace.problem_id for trace in read_traces(sampled))


@pytest.mark.slow
def test_vllm_serves_the_published_checkpoint(finished: Path, tmp_path: Path) -> None:
    serve = {"path": str(finished / "checkpoint"), "dtype": "float32", "gpus": [[]]}
    # On a CPU the second is a share of the machine's memory; 0.9 of it, the default, is seldom free.
    serve["engine"] = {"enforce_eager": True, "gpu_memory_utilization": 0.3, "max_num_seqs": 8}
    given = {"kind": "server", "name": "t", "model": "tiny", "max_model_len": 128, "serve": serve}
    sampler = ServerSampler(ServerTeacher.model_validate(given), tmp_path / "sample", end_with)
    assert sampler.local_servers
    pid = sampler.local_servers.servers[0].process.pid
    try:
        requests = [make_request(number, Settings(1.0, 1.0, -1, 40)) for number in range(4)]
        first = draw_with(sampler, requests)
        assert {completion.finish_reason for completion in first.values()} <= {"stop", "length"}
        assert all(completion.prompt_tokens and completion.completion_tokens for completion in first.values())
        assert draw_with(sampler, requests) == first, "seeds are not honoured"
    finally:
        sampler.close()
    wait_until_gone(pid)


@pytest.mark.slow
def test_killed_while_it_evaluates_the_same_command_ends_as_an_unbroken_run(
    finished: Path, commands: CommandServer, tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    run_dir = tmp_path / "tiny"
    shutil.copytree(finished, run_dir, symlinks=True)
    evaluations = tuple(f"eval-held_out-student-{precision}" for precision in ("full", "int8", "nf4"))
    # The answers under budgets hold the same draws: with them there nothing would be drawn anew.
    for stage in (*evaluations, "budgets-held_out-student-full", "report"):
        shutil.rmtree(artifact(run_dir, stage))
    settings = ("configs/demo/tiny.yaml", f"run_dir={run_dir}", *SHRUNK)
    for stage in evaluations:
        interrupt(*settings, at=(run_dir, f"{stage}-*/*.jsonl"), by=signal.SIGKILL)
        assert not list(run_dir.glob(f"{stage}-*/manifest.json")), "it was through before the signal"
    resumed = commands.run("distill", *settings)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert_same_artifacts(run_dir, finished)

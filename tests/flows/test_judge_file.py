"""`python -m flows.judge` keeps every row, adds four columns, and reports a user's mistake in one line."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from subprocess import CompletedProcess

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT

from configs.load import load_config
from configs.teachers import RecordedTeacher
from filters.judge import judge_share
from flows.__main__ import main
from flows.stages.problems import benchmark_prompts
from records.parquet import read_traces
from records.share import WorkerSlot
from teacher.problems.recorded import import_traces

ROWS = [
    {"id": 1, "reference": "1/2", "completion": r"<think>half</think> \boxed{0.5}", "note": {"k": [1]}},
    {"id": 2, "reference": 4, "completion": r"<think>no</think> The answer is 5."},
    {"id": 3, "reference": "4", "completion": r"<think>never closed \boxed{4}"},
    {"id": 4, "reference": "", "completion": r"<think></think> \boxed{4}", "note": "text"},
    {"id": 5, "reference": r"\prod_{i=1}^{2} i", "completion": r"<think></think> \boxed{\prod_{i=1}^{10^9} i}"},
]


Judge = Callable[..., CompletedProcess[str]]


@pytest.fixture
def judge(capsys: pytest.CaptureFixture[str]) -> Judge:
    """Run the command in this process."""

    def run(*arguments: str | Path) -> CompletedProcess[str]:
        words = [*map(str, arguments)]
        return CompletedProcess(words, main(["judge", *words]), *capsys.readouterr())

    return run


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_jsonl_in_parquet_out(judge: Judge, tmp_path: Path) -> None:
    config = tmp_path / "quick.yaml"
    judging = "\njudging: {require_box: false, timeout_s: 3, workers: 1}\n"
    config.write_text((ROOT / "configs" / "demo" / "fake.yaml").read_text() + judging)
    done = judge(write(tmp_path / "in.jsonl.gz", ROWS), tmp_path / "out.parquet", "--config", config)
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]
    assert [(row["outcome"], row["reason"]) for row in rows] == [
        ("pass", ""),
        ("fail", "wrong_answer"),
        ("fail", "bad_format"),
        ("unknown", "unverifiable"),
        ("unknown", "timeout"),
    ]
    assert rows[0]["extracted"] == "0.5"
    assert [verdict["filter"] for verdict in rows[0]["verdicts"]][-1] == "math"
    assert len(rows[0]["verdicts"]) > 3  # the config's filters ran before it
    assert json.loads(rows[0]["note"]) == {"k": [1]}
    assert "fail: wrong_answer" in done.stdout


def test_no_busy_worker_outlives_a_killed_command(tmp_path: Path) -> None:
    endless = {"reference": r"\prod_{i=1}^{2} i", "completion": r"\boxed{\prod_{i=1}^{10^9} i}"}
    rows = write(tmp_path / "in.jsonl", [endless] * 100)
    command = [sys.executable, "-m", "flows.judge", str(rows), str(tmp_path / "out.parquet"), "--bare"]
    process = psutil.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    started: list[psutil.Process] = []
    while not any(is_judging(child, process.pid) for child in started):
        assert process.poll() is None
        time.sleep(0.1)
        started = process.children(recursive=True)
    process.kill()
    process.wait()
    gone, alive = psutil.wait_procs(started, timeout=10)
    assert gone
    assert not alive


def is_judging(process: psutil.Process, command: int) -> bool:
    """Return True for a worker that has worked for a while. Workers are forked by a server, a child of the command."""
    try:
        return process.ppid() != command and process.cpu_times().user > 0.5
    except psutil.NoSuchProcess:
        return False


CLIPS = "How many clips did Natalia sell altogether in April and May if she sold 48 clips in April and half in May?"
PAIR = """
name: recorded
teacher: {kind: recorded, name: recorded, files: [{path: FILE, columns: {prompt: prompt, reference: reference,
  completion: completion, finish_reason: finish_reason}}]}
student: {name: s, path: none, max_model_len: 64}
training: {max_length: 64}
benchmarks: {held_out: [{kind: file, path: BENCHMARK, columns: {prompt: problem, reference: answer}}]}
evaluation: {max_tokens: 32}
judging: {workers: 1, reject_refusals: false}
"""
COMPLETIONS = {
    "\\boxed{4}": "bad_format",
    "<think>a</think> \\boxed{4}": "",
    "<think>a</think> \\boxed{5}": "wrong_answer",
    "<think>a</think> so \\boxed{3}. Wait</think> \\boxed{4}": "bad_format",
    "<think>a</think> so \\boxed{4}. Wait</think> \\boxed{4}": "bad_format",
    "<think>a</think></think> \\boxed{4}": "",
    "<think>a</think> 4": "no_answer",
}


def test_the_command_judges_as_the_run_of_its_config(judge: Judge, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"prompt": f"What is 2 + {number}?", "reference": "4", "completion": completion, "finish_reason": "stop"}
        for number, completion in enumerate(COMPLETIONS)
    ]
    write(tmp_path / "in.jsonl", [*rows, rows[1] | {"prompt": CLIPS.upper()}])
    write(tmp_path / "benchmark.jsonl", [{"problem": CLIPS, "answer": "72"}])
    pair = PAIR.replace("FILE", str(tmp_path / "in.jsonl")).replace("BENCHMARK", str(tmp_path / "benchmark.jsonl"))
    (tmp_path / "pair.yaml").write_text(pair)

    done = judge(tmp_path / "in.jsonl", tmp_path / "out.parquet", "--config", tmp_path / "pair.yaml")
    assert done.returncode == 0, done.stderr
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["reason"] for row in table] == [*COMPLETIONS.values(), "contaminated"]

    config = load_config(tmp_path / "pair.yaml")
    assert isinstance(config.teacher, RecordedTeacher)
    for name in ("traces", "judged"):
        (tmp_path / name).mkdir()
    import_traces(tmp_path / "traces", config.teacher, lambda *_, **__: None)
    prompts = benchmark_prompts(config)
    judge_share(
        tmp_path / "judged",
        tmp_path / "traces",
        config.judging,
        prompts,
        (),
        False,
        lambda *_, **__: None,
        WorkerSlot(),
    )
    judged = [[asdict(verdict) for verdict in trace.verdicts] for trace in read_traces(tmp_path / "judged")]
    assert [row["verdicts"] for row in table] == judged


def test_bare_completions_mapped_columns_and_parquet(judge: Judge, tmp_path: Path) -> None:
    table = pa.table({"gold": ["B", "A,C"], "text": ["(B) 15", "A"], "kind": ["choice", "choice"], "n": [1.5, None]})
    pq.write_table(table, tmp_path / "in.parquet")
    columns = ("--reference-column", "gold", "--completion-column", "text", "--verifier-column", "kind")
    columns += ("--allow", "choice")
    done = judge(tmp_path / "in.parquet", tmp_path / "out.parquet", "--bare", *columns)
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["outcome"] for row in rows] == ["pass", "fail"]
    assert [row["n"] for row in rows] == [1.5, None]


def test_programs_and_garbled_completions(judge: Judge, tmp_path: Path) -> None:
    extra = {"tests": ["assert double(2) == 4"]}
    rows = [
        {"completion": "```python\ndef double(n):\n    return 2 * n\n```", "extra": extra},
        {"completion": "def double(n):\n    return n\n", "extra": json.dumps(extra)},
        {"completion": "\ud800\x00 cut", "extra": extra},
    ]
    done = judge(write(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet", "--bare", "--verifier", "code")
    assert done.returncode == 0, done.stderr
    judged = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["outcome"] for row in judged] == ["pass", "fail", "fail"]
    assert judged[2]["completion"] == "\ufffd\ufffd cut"


def test_programs_are_not_judged_without_a_sandbox(tmp_path: Path) -> None:
    """In a process of its own: one that has seen a sandbox start does not look for it again."""
    rows = [{"completion": "def f(): pass", "extra": {"tests": ["assert f() is None"]}}]
    source, target = write(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet"
    command = [sys.executable, "-m", "flows.judge", str(source), str(target), "--bare", "--verifier", "code"]
    environment = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "apt-get install bubblewrap" in done.stderr.splitlines()[-1]
    assert not target.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"reference": "1"}\n', "in.jsonl:1: has no column 'completion'"),
        ('{"reference": "1", "completion": "1"}\n{"refer', "in.jsonl:2: not JSON"),
        ('{"reference": NaN, "completion": "1"}\n', "column 'reference' is nan"),
        ('{"reference": "1", "completion": "1", "verifier": "magic"}\n', "no verifier 'magic'"),
        ("", "has no rows"),
        ("[1]\n", "a row is an object"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(judge: Judge, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "in.jsonl").write_text(text)
    done = judge(tmp_path / "in.jsonl", tmp_path / "out.parquet", "--bare")
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.parquet", b"no parquet", "not a readable Parquet file"),
        ("in.jsonl", b'{"reference": "\xff"}\n', "not UTF-8"),
        ("in.jsonl.gz", b"no gzip", "broken gzip file"),
        ("in.csv", b"a,b", "must end in"),
    ],
)
def test_unreadable_files(judge: Judge, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = judge(tmp_path / name, tmp_path / "out.parquet")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_input_and_wrong_output(judge: Judge, tmp_path: Path) -> None:
    assert "no such file" in judge(tmp_path / "none.jsonl", tmp_path / "out.parquet").stderr
    assert "must end in .parquet" in judge(write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.csv").stderr


def test_a_lenient_reading_stands_beside_the_strict_one(judge: Judge, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"reference": "5", "completion": "She has 3 and he has 2 of them, which makes 5 in all."},
        {"reference": "5", "completion": "It is one of the two, and so it must be 7 or 5 there."},
        {"reference": "5", "completion": r"\boxed{6}. They have 5 there."},
    ]
    done = judge(write(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet", "--bare", "--lenient")
    assert done.returncode == 0, done.stderr
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["outcome"], row["extraction"], row["lenient_outcome"]) for row in found] == [
        ("fail", "last_value", "pass"),
        ("fail", "none", "fail"),
        ("fail", "strict", "fail"),
    ]

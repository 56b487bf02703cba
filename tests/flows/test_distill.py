"""The flow runs from the command line with the fake teacher and otherwise real parts: Prefect, training, Parquet."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import torch
from command import artifact, assert_same_artifacts, begin_like, distill, interrupt
from command_server import CommandServer
from conftest import ROOT
from datasets import load_dataset
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from flows.__main__ import main
from records.hashing import sha256_of
from records.parquet import read_traces
from records.preflight import read_preflight

CONFIG = str(ROOT / "configs" / "demo" / "fake.yaml")
STAGES = ["base-from-scratch", "problems", "sample", "judge", "select", "train-sft", "publish", "report"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Path:
    """The run directory of a whole run."""
    run_dir = tmp_path_factory.mktemp("runs") / "fake"
    done = distill(CONFIG, f"run_dir={run_dir}", PREFECT_API_URL=prefect_api)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checkpoint" in done.stdout
    (run_dir.parent / "printed.txt").write_text(done.stdout)
    return run_dir


def test_the_run_directory_holds_artifacts_report_scores_and_checkpoint(finished: Path) -> None:
    for stage in STAGES:
        manifest = json.loads((artifact(finished, stage) / "manifest.json").read_text())
        assert manifest["stage"] == stage
        assert manifest["files"]
    assert json.loads((finished / "scores.json").read_text()) == []
    report = (finished / "report.html").read_text()
    assert "<html" in report
    assert "sft: curves" in report
    assert "sft: preflight" in report
    assert "](report.html)" in (finished / "summary.md").read_text()
    assert (finished / "checkpoint").resolve() == artifact(finished, "publish").resolve()


def test_the_funnel_adds_up(finished: Path) -> None:
    counts = json.loads((artifact(finished, "judge") / "manifest.json").read_text())["counts"]
    assert counts["traces"] == len(list(read_traces(artifact(finished, "sample"))))
    assert counts["traces"] == counts["accepted"] + sum(counts["rejected"].values()) + sum(counts["unknown"].values())
    assert counts["rejected"].keys() == {"wrong_answer", "truncated"}


def test_the_dataset_loads_with_datasets(finished: Path) -> None:
    rows = load_dataset(str(artifact(finished, "select")), split="train")
    last = rows[0]["messages"][-1]
    assert last["role"] == "assistant"
    assert last["content"].startswith("<think>\n")
    assert rows[0]["reference"] in last["content"]


def test_the_checkpoint_loads_and_its_manifest_is_true(finished: Path) -> None:
    checkpoint = finished / "checkpoint"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(checkpoint), AutoTokenizer.from_pretrained(checkpoint)
    assert tokenizer.chat_template
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id != tokenizer.pad_token_id
    files = json.loads((checkpoint / "manifest.json").read_text())["files"]
    assert {"model.safetensors", "README.md", "generation_config.json", "tokenizer.json"} <= files.keys()
    assert all(sha256_of(checkpoint / name) == entry["sha256"] for name, entry in files.items())


AGAIN = """
import sys
from flows.distill import main
assert main(sys.argv[1:]) == 0
print(*sorted({"prefect", "torch", "transformers", "trl", "vllm"} & set(sys.modules)), file=sys.stderr)
"""


def run_again(run_dir: Path, server: str = "") -> tuple[str, list[str]]:
    """Run a complete run again, with a Prefect server or none; return what it printed, and which slow packages it
    imported."""
    command = [sys.executable, "-c", AGAIN, CONFIG, f"run_dir={run_dir}"]
    environment = os.environ | {"PREFECT_API_URL": server, "PREFECT_HOME": str(run_dir.parent)}
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 0, again.stderr
    return again.stdout, again.stderr.splitlines()[-1].split()


def test_a_second_run_shows_the_same_results_without_prefect(finished: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.glob("*/manifest.json")}
    for result in ("scores.json", "report.html", "checkpoint"):
        (finished / result).unlink()
    printed, imported = run_again(finished)
    assert printed == (finished.parent / "printed.txt").read_text()
    assert not imported
    assert json.loads((finished / "scores.json").read_text()) == []
    assert (finished / "report.html").resolve() == artifact(finished, "report").resolve() / "report.html"
    assert (finished / "checkpoint").resolve() == artifact(finished, "publish").resolve()
    assert {path: path.stat().st_mtime_ns for path in finished.glob("*/manifest.json")} == before


def test_a_second_run_shows_in_the_users_prefect_server(finished: Path, prefect_api: str) -> None:
    before = count_flow_runs(prefect_api, finished)
    printed, imported = run_again(finished, prefect_api)
    assert printed == (finished.parent / "printed.txt").read_text()
    assert imported == ["prefect"]
    assert count_flow_runs(prefect_api, finished) == before + 1


def test_what_was_made_from_another_model_than_lies_there_now_is_not_taken(finished: Path, tmp_path: Path) -> None:
    """As after a training that was deleted and built again on a GPU, or copied from another run."""
    run_dir = tmp_path / "fake"
    shutil.copytree(finished, run_dir, symlinks=True)
    trained, published = artifact(run_dir, "train-sft"), artifact(run_dir, "publish")
    manifest = json.loads((trained / "manifest.json").read_text())
    save_file({"weight": torch.ones(1)}, trained / "model.safetensors")
    size, digest = (trained / "model.safetensors").stat().st_size, sha256_of(trained / "model.safetensors")
    manifest["files"]["model.safetensors"] = {"bytes": size, "sha256": digest}
    (trained / "manifest.json").write_text(json.dumps(manifest))
    again = distill(CONFIG, f"run_dir={run_dir}")
    assert again.returncode == 2, again.stdout
    assert f"was made from another {trained.name} than the one that is there now; delete " in again.stderr
    assert str(published) in again.stderr
    assert "Traceback" not in again.stderr


def test_it_is_refused_as_soon_as_the_other_one_is_built(finished: Path, tmp_path: Path, prefect_api: str) -> None:
    run_dir = tmp_path / "fake"
    shutil.copytree(finished, run_dir, symlinks=True)
    trained, report = artifact(run_dir, "train-sft"), artifact(run_dir, "report")
    manifest = json.loads((report / "manifest.json").read_text())
    manifest["made_from"][trained.name] = "0" * 12
    (report / "manifest.json").write_text(json.dumps(manifest))
    for folder in (trained, artifact(run_dir, "publish")):
        shutil.rmtree(folder)
    again = distill(CONFIG, f"run_dir={run_dir}", PREFECT_API_URL=prefect_api)
    assert again.returncode == 2, again.stdout
    assert f"error: {report}: was made from another {trained.name} than the one that is there now" in again.stderr
    assert "Traceback" not in again.stdout + again.stderr
    assert trained.exists()
    assert not list(run_dir.glob("publish-*"))


def count_flow_runs(api: str, run_dir: Path) -> int:
    request = urllib.request.Request(f"{api}/flow_runs/filter", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return sum(f"run_dir={run_dir}" in run["parameters"]["overrides"] for run in json.load(answer))


def test_dry_run_tells_what_is_complete_and_what_a_change_rebuilds(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = "training.settings.learning_rate=0.001"
    assert main(["distill", CONFIG, f"run_dir={finished}", changed, "--dry-run"]) == 0
    told = capsys.readouterr().out
    states = {line.split()[0]: " ".join(line.split()[1:-1]) for line in told.splitlines() if str(finished) in line}
    states.pop("run_dir:", None)
    assert states["judge"] == states["select"] == "complete"
    assert states["train-sft"] == states["publish"] == "to do"


# Where each interruption falls, in the order of the stages, and its signal.
INTERRUPTIONS = [
    ("sample-*", signal.SIGKILL),
    ("judge-*", signal.SIGINT),
    ("select-*", signal.SIGKILL),
    ("base-from-scratch-*/.work", signal.SIGKILL),
    ("train-*/.work/checkpoints/*", signal.SIGKILL),
    ("logs/report-*", signal.SIGINT),
    ("publish-*", signal.SIGTERM),
]


def test_interrupted_in_every_stage_the_same_command_ends_as_an_unbroken_run(
    finished: Path, commands: CommandServer, tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    run_dir = tmp_path / "fake"
    for instant, by in INTERRUPTIONS:
        interrupt(CONFIG, f"run_dir={run_dir}", at=(run_dir, instant), by=by)
        assert not list(run_dir.glob("publish-*/manifest.json")), "the run was through before the signal"
    resumed = commands.run("distill", CONFIG, f"run_dir={run_dir}")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert_same_artifacts(run_dir, finished)


def test_a_refused_export_ends_with_the_report_and_without_a_checkpoint(
    finished: Path, commands: CommandServer, tmp_path: Path
) -> None:
    run_dir = tmp_path / "fake"
    shutil.copytree(finished, run_dir, symlinks=True)
    (run_dir / "report.html").unlink()
    # A student so small and untaught ends none of its answers within a token.
    given = ("publishing.formats=[gguf_f16]", "publishing.check.max_tokens=1")
    done = commands.run("distill", CONFIG, f"run_dir={run_dir}", *given)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert errors[0].startswith("error: reference: the student ends none of its ")
    assert errors[1:] == [
        "error: export-gguf_f16: not built, because reference was not",
        "error: publish: not built, because export-gguf_f16 was not",
    ]
    assert "<html" in (run_dir / "report.html").read_text()
    assert f"checkpoint  not published; the trained student is {artifact(run_dir, 'train-sft')}" in done.stdout
    assert not (run_dir / "checkpoint").is_symlink(), "the one of the settings before"


def test_a_killed_flow_takes_its_embedded_server_along(finished: Path, tmp_path: Path) -> None:
    begin_like(finished, tmp_path)
    settings = (f"run_dir={tmp_path}", "teacher.latency_s=1")
    running = interrupt(CONFIG, *settings, at=(tmp_path, "sample-*/*.jsonl"), by=signal.SIGKILL)
    assert any("uvicorn" in line for line in running)


def test_the_preflight_is_kept_and_runs_alone(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = read_preflight(artifact(finished, "train-sft"))
    assert kept.rows == kept.trained > 0
    assert main(["preflight", CONFIG, f"run_dir={finished}"]) == 0
    shown = capsys.readouterr().out
    assert f"trained on             {kept.trained:,}" in shown
    assert "nothing speaks against training" in shown


def test_a_preflight_that_refuses_exits_with_1(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", CONFIG, f"run_dir={finished}", "training.max_length=20"]) == 1
    assert "refused: " in capsys.readouterr().out


def test_a_preflight_without_a_dataset_names_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", CONFIG, f"run_dir={tmp_path}"]) == 2
    error = capsys.readouterr().err
    assert "not there yet; `retort distill" in error
    assert f"fake.yaml run_dir={tmp_path}` builds it" in error

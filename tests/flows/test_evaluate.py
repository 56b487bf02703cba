"""`retort evaluate` measures a checkpoint without a run, in one runtime for all precisions, and refuses bad input."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_server import CommandServer
from conftest import ROOT
from refusals import command_refusal

from flows.__main__ import main
from flows.checkpoint import checkpoint_config
from flows.evaluate import plan_checkpoint
from flows.stages.evaluate import SampleModel

SUMS = "benchmarks={b: [{kind: reasoning_gym, task: chain_sum, size: 3}]}"
PAIR = str(ROOT / "configs" / "demo" / "tiny.yaml")


def config_of(checkpoint: Path, *overrides: str, **options: Any) -> Any:
    given = {"file": None, "benchmarks": None, "precisions": None} | options
    return checkpoint_config(str(checkpoint), overrides=list(overrides), **given)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on which the command ends."""
    return command_refusal(capsys, main, "evaluate", *arguments).removeprefix("error: ")


def test_the_checkpoint_says_how_it_is_measured(tiny_model: Path) -> None:
    config = config_of(tiny_model, SUMS)
    positions = json.loads((tiny_model / "config.json").read_text())["max_position_embeddings"]
    assert (config.model.name, config.model.dtype, config.model.template) == (tiny_model.name, "bfloat16", None)
    assert config.model.max_model_len == positions
    assert config.evaluation.max_tokens == positions - positions // 4, "a short context leaves a quarter for the prompt"
    assert config_of(tiny_model, SUMS, "model.max_model_len=100").evaluation.max_tokens == 75
    assert "\\boxed" in config.model.prompt.user
    assert not config.model.thinks
    assert config.precisions == ["full"]


def test_a_pairs_config_measures_it_as_its_student_is(tiny_model: Path) -> None:
    config = config_of(tiny_model, file=PAIR)
    assert (config.model.prompt.user, config.model.thinks, config.model.max_model_len) == ("{problem}", True, 512)
    assert config.model.engine.enforce_eager
    assert list(config.benchmarks) == ["held_out"]
    assert config.evaluation.max_tokens == 160
    assert config_of(tiny_model, "model.thinks=false", file=PAIR).model.thinks is False


def test_several_benchmarks_share_an_engine_for_each_precision(tiny_model: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text('{"problem": "1 + 1", "answer": "2"}\n')
    files = f"{tmp_path / 'one.jsonl'},{tmp_path / 'two.jsonl'}"
    plan, scores = plan_checkpoint(config_of(tiny_model, benchmarks=files, precisions="full, nf4,fp4"))
    groups = [group for group in plan.groups() if isinstance(group[0], SampleModel)]
    assert [[stage.name.split("-")[1] for stage in group] for group in groups] == [["one", "two"]] * 3
    assert scores.run_dir.name == f"evaluate-{tiny_model.name}"


def test_what_is_no_checkpoint_is_refused(capsys: pytest.CaptureFixture[str], tiny_model: Path, tmp_path: Path) -> None:
    assert refused(capsys, str(tmp_path), SUMS) == f"{tmp_path}: no config.json, so this is not a model directory"
    assert "hub does not give it" in refused(capsys, "owner/none", SUMS)
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"vocab_size": 10}))
    assert "of another vocabulary" in refused(capsys, str(model), SUMS)
    (model / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": "awq"}}))
    assert "quantized already" in refused(capsys, str(model), SUMS, "--precisions", "full,nf4")
    (model / "model.safetensors").unlink()
    assert "no weights" in refused(capsys, str(model), SUMS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([SUMS, "--precisions", "full,int3"], "retort evaluate: precisions.1: Input should be 'full', 'int8', 'nf4', "),
        ([SUMS, "--precisions", "nf4"], "retort evaluate: precisions: must contain full"),
        ([SUMS, "--precisions", ""], "retort evaluate: precisions: List should have at least 1 item"),
        ([], "retort evaluate: benchmarks: required, but missing"),
        (["--benchmarks", ""], "retort evaluate: benchmarks: Dictionary should have at least 1 item"),
        (["--benchmarks", "math_50"], "--benchmarks math_50: no such benchmark; "),
        (["--benchmarks", "held", "--config", PAIR], "--benchmarks held: no such benchmark; did you mean held_out? "),
        ([SUMS, "evaluation.max_tokens=99999"], "retort evaluate: config: evaluation.max_tokens must leave room "),
        ([SUMS, "evaluation.models={a: [full]}"], "config: evaluation.models: a checkpoint is measured "),
        ([SUMS, "evaluation.budgets={wait: 1}"], "config: evaluation.budgets: curves belong to a run; remove it"),
        ([SUMS, "model.name=a/b"], "retort evaluate: config: a/b: names artifacts; use letters"),
        ([SUMS, "evaluation.temprature=1"], "evaluation.temprature: unknown key; did you mean temperature?"),
        ([SUMS, "--precisions", "full,nf4", "model.dtype=float32"], "computes in 16 bits and would be compared with"),
        (["--benchmarks", "none.jsonl"], "none.jsonl: no such file"),
        ([SUMS, "--config", "none.yaml"], "none.yaml: no such config"),
        ([SUMS, "model=5"], "retort evaluate: model: Input should be a valid dictionary"),
        ([SUMS, "evaluation=5"], "retort evaluate: evaluation: Input should be a valid dictionary"),
    ],
)
def test_bad_input_is_one_line(
    capsys: pytest.CaptureFixture[str], tiny_model: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    line = refused(capsys, str(tiny_model), *arguments, f"run_dir={tmp_path / 'run'}")
    assert message in line
    assert not list(tmp_path.glob("run/*-*"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("student: 5", "student: Input should be a valid dictionary"),
        ("model: 5", "model: must be a mapping"),
        ("benchmarks: [math_500]", "benchmarks: must be a mapping"),
        ("benchmrks: {}", "benchmrks: unknown key; did you mean benchmarks?"),
    ],
)
def test_a_config_that_is_none(
    capsys: pytest.CaptureFixture[str], tiny_model: Path, tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    assert message in refused(capsys, str(tiny_model), "--config", str(tmp_path / "mine.yaml"))


def test_an_untrained_model_in_full_and_fp4_beside_transformers(
    tiny_model: Path, tmp_path: Path, commands: CommandServer, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = (
        *("--precisions", "full,fp4", "evaluation.max_tokens=24", f"run_dir={tmp_path}", "model.name=tiny"),
        *("model.prompt={}", "evaluation.cross_check={problems: 2}", "model.engine.enforce_eager=true"),
        "benchmarks.a=[{kind: reasoning_gym, task: chain_sum, size: 4}]",
        "benchmarks.b=[{kind: reasoning_gym, task: chain_sum, size: 4, seed: 9}]",
    )
    first = commands.run("evaluate", str(tiny_model), *settings, timeout=400)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "change_from_full" in first.stdout
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert {(row["benchmark"], row["model"], row["precision"]) for row in scores} == {
        (benchmark, "tiny", precision) for benchmark in "ab" for precision in ("full", "fp4")
    }
    runtimes = {row["precision"]: row["runtime"] for row in scores if row["metric"] == "pass@1"}
    assert runtimes["full"].startswith("vllm 0.32.0, cpu, CPU_ATTN, bfloat16, eager, stops at <|im_end|>, no penalties")
    assert "fp4 computed in bfloat16" in runtimes["fp4"]
    checked = [row for row in scores if row["metric"] == "agreement"]
    assert len(checked) == 4
    assert all(row["n_problems"] == 2 and row["runtime"].startswith("transformers ") for row in checked)
    starts = [json.loads(file.read_text())["counts"]["engine"] for file in tmp_path.glob("eval-[ab]-*/manifest.json")]
    assert sorted(engine["engine_start_s"] > 0 for engine in starts) == [False, False, True, True]
    assert main(["evaluate", str(tiny_model), *settings]) == 0
    assert capsys.readouterr().out.splitlines() == [line for line in first.stdout.splitlines() if " | " not in line], (
        "nothing ran"
    )

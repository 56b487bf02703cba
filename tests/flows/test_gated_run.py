"""A run whose student loses builds everything, says which conditions are not met, and fails, each time it is run.

Everything is real but the completions under evaluation: vLLM would take a minute to draw them, so they are written
where their stages would have put them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from command import artifact
from command_server import CommandServer
from conftest import ROOT, make_trace

from configs.load import load_config
from configs.sampling import Price
from flows.__main__ import main
from flows.distill import plan_distillation
from flows.gate import unmet_conditions
from flows.stages.evaluate import SampleModel
from records.artifact import build_once
from records.counts import Counts, EngineCounts
from records.parquet import write_rows
from records.schemas import TRACE
from teacher.sampling.accounts import Accounts

CONFIG = str(ROOT / "configs" / "demo" / "fake.yaml")
PROBLEMS = 12
GATE = "evaluation.gate={beats_base: true, quantized_within: {nf4: 2.0}}"
NOT_BETTER = "gate.beats_base: the student is not shown to be better than its base: it gains −50.00 ["
NOT_WITHIN = "gate.quantized_within.nf4: the student is not shown to lose less than 2 points: it loses 0.00 ["


def overrides(run_dir: Path) -> list[str]:
    rows = [{"problem": f"What is {at} + {at}?", "answer": str(2 * at)} for at in range(1, PROBLEMS + 1)]
    file = run_dir.parent / "benchmark.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    benchmark = f"benchmarks={{held_out: [{{kind: file, path: {file}}}]}}"
    models = "models: {base: [full], student: [full, nf4]}, mix_runtimes: true"
    return [f"run_dir={run_dir}", benchmark, f"evaluation={{max_tokens: 50, {models}}}", GATE]


def draw(stage: SampleModel) -> None:
    """The base is right and announces nothing; the student boxes its answers, and half of them are wrong."""

    def answer(at: int) -> str:
        if "-base-" in stage.name:
            return f"We add and get {2 * at} of them there."
        return f"\\boxed{{{2 * at if at % 2 else 7777}}}"

    def build(folder: Path) -> Counts:
        traces = [
            make_trace(prompt=f"What is {at} + {at}?", reference=str(2 * at), answer=answer(at), reasoning="")
            for at in range(1, PROBLEMS + 1)
        ]
        write_rows(folder / "traces-00000.parquet", traces, TRACE)
        engine = EngineCounts(engine_start_s=1.0, engine_s=2.0)
        return replace(Accounts().counts(Price(), 3.0, None, engine), answer_tokens=12 * PROBLEMS)

    build_once(stage.run_dir, stage.name, stage.inputs, build)


@pytest.mark.slow
def test_a_student_that_loses_fails_the_run_and_everything_stays(
    tmp_path: Path, commands: CommandServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_dir = tmp_path / "gated"
    run_dir.mkdir()
    given = overrides(run_dir)
    config = load_config(CONFIG, given)
    run = plan_distillation(config)
    for stage in run.plan.stages:
        if isinstance(stage, SampleModel):
            draw(stage)

    done = commands.run("distill", CONFIG, *given)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert [line[7 : 7 + len(told)] for line, told in zip(errors, (NOT_BETTER, NOT_WITHIN), strict=True)] == [
        NOT_BETTER,
        NOT_WITHIN,
    ]
    assert (run_dir / "checkpoint").resolve() == artifact(run_dir, "publish").resolve()
    assert "cannot tell nf4: " in (run_dir / "report.html").read_text()
    assert "student, quantized" in done.stdout
    assert (run_dir / "comparisons.json").exists()
    scores = json.loads((run_dir / "scores.json").read_text())
    base = {row["extraction"]: row["value"] for row in scores if (row["model"], row["metric"]) == ("base", "pass@1")}
    assert base == {"strict": 0.0, "lenient": 1.0}

    before = {path: path.stat().st_mtime_ns for path in run_dir.glob("*/manifest.json")}
    monkeypatch.setenv("PREFECT_API_URL", "")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    capsys.readouterr()
    assert main(["distill", CONFIG, *given]) == 1
    assert capsys.readouterr().err.splitlines() == errors
    assert unmet_conditions(config, run) == [line.removeprefix("error: ") for line in errors]
    assert main(["distill", CONFIG, *given[:-1]]) == 0, "without conditions"
    assert {path: path.stat().st_mtime_ns for path in run_dir.glob("*/manifest.json")} == before

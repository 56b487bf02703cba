"""A user's mistake gives one line with file, row and remedy, a non-zero exit status, and leaves earlier work intact."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import distill
from command_server import CommandServer
from filelock import FileLock

from configs.load import load_config
from flows.distill import plan_distillation

CONFIG = "configs/demo/fake.yaml"


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Expect a refusal without traceback, and return its last error line."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    return next(line for line in done.stderr.splitlines()[::-1] if line.startswith("error: "))


def problem_file(path: Path, text: str) -> str:
    path.write_text(text)
    return f"problems=[{{kind: file, path: {path}}}]"


def test_a_missing_config_lists_the_shipped_ones() -> None:
    assert "tiny.yaml" in refusal(distill("configs/none.yaml"))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sampling.max_token=5", "did you mean max_tokens?"),
        ("sampling.n=many", "sampling.n: "),
        ("training.settings.learning_rate=.nan", "training.settings.learning_rate: "),
        ("teacher.kind=oracle", "teacher"),
    ],
)
def test_bad_settings_stop_before_any_work(
    commands: CommandServer, tmp_path: Path, override: str, message: str
) -> None:
    assert message in refusal(commands.run("distill", CONFIG, f"run_dir={tmp_path / 'run'}", override))
    assert not (tmp_path / "run").exists()


def test_a_missing_problem_file_stops_before_any_work(commands: CommandServer, tmp_path: Path) -> None:
    missing = "problems=[{kind: file, path: none.jsonl}]"
    line = refusal(commands.run("distill", CONFIG, f"run_dir={tmp_path / 'run'}", missing))
    assert "none.jsonl: no such file" in line


@dataclass(frozen=True)
class Refused:
    run_dir: Path
    status: int
    output: str


BROKEN_FILES = {
    '{"problem": "1 + 1?", "answer": "2"}\n{"problem": "1 + 2?"}\n': ":2: has no column 'answer'",
    '{"problem": "", "answer": "2"}\n': ":1: column 'problem' is empty",
    '{"problem": "1 + 1?", "ans\n': ":1: not JSON",
    "": "has no rows",
}
NO_ANSWER = "no right answer"


@pytest.fixture(scope="module")
def refused_in_a_stage(commands: CommandServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Refused]:
    """What became of the runs that a stage refuses, by the text of their problem file."""
    folder = tmp_path_factory.mktemp("refused")
    run_dirs = {name: folder / f"run{number}" for number, name in enumerate([*BROKEN_FILES, NO_ANSWER])}
    overrides = {
        text: [problem_file(folder / f"p{number}.jsonl", text)] for number, text in enumerate(BROKEN_FILES)
    } | {NO_ANSWER: ["teacher.accuracy=0", "problems.0.size=5"]}
    found = {}
    for name, run_dir in run_dirs.items():
        done = commands.run("distill", CONFIG, f"run_dir={run_dir}", *overrides[name])
        found[name] = Refused(run_dir, done.returncode, done.stdout + done.stderr)
    return found


def error_line(refused: Refused) -> str:
    assert refused.status == 2
    assert "Traceback" not in refused.output
    (line,) = [line for line in refused.output.splitlines() if line.startswith("error: ")]
    return line


@pytest.mark.parametrize("text", BROKEN_FILES)
def test_a_broken_problem_file_names_the_row(refused_in_a_stage: dict[str, Refused], text: str) -> None:
    number = list(BROKEN_FILES).index(text)
    line = error_line(refused_in_a_stage[text])
    assert str(refused_in_a_stage[text].run_dir.with_name(f"p{number}.jsonl")) in line
    assert BROKEN_FILES[text] in line


def refused_model(commands: CommandServer, run_dir: Path, path: Path) -> str:
    model = ("student.scratch=null", f"student.path={path}")
    return refusal(commands.run("distill", CONFIG, f"run_dir={run_dir}", *model))


def test_a_model_directory_without_weights(commands: CommandServer, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    assert "no weights" in refused_model(commands, tmp_path / "run", tmp_path / "model")


def test_a_model_path_that_is_nothing(commands: CommandServer, tmp_path: Path) -> None:
    assert "no such model directory" in refused_model(commands, tmp_path / "run", Path("/no/such/model"))


def test_no_accepted_trace_keeps_what_was_sampled(refused_in_a_stage: dict[str, Refused]) -> None:
    refused = refused_in_a_stage[NO_ANSWER]
    assert "no trace was accepted" in error_line(refused)
    assert list(refused.run_dir.glob("judge-*/manifest.json"))
    assert not list(refused.run_dir.glob("select-*/manifest.json"))


def test_an_unwritable_run_directory(commands: CommandServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = commands.run("distill", CONFIG, f"run_dir={tmp_path / 'file' / 'run'}")
    assert "cannot be written" in refusal(done)


@pytest.mark.parametrize("run_dir", ["~/runs/x", "{folder}/$HOME/x", "${{HOME}}/x"])
def test_a_run_directory_that_only_a_library_would_expand(
    commands: CommandServer, tmp_path: Path, run_dir: str
) -> None:
    done = commands.run("distill", CONFIG, f"run_dir={run_dir.format(folder=tmp_path)}")
    assert "are not replaced in run_dir" in refusal(done)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["lr=[1e-5]", "a*", "a?", "a::b"])
def test_a_run_directory_whose_name_is_a_pattern_to_libraries(
    commands: CommandServer, tmp_path: Path, name: str
) -> None:
    line = refusal(commands.run("distill", CONFIG, f"run_dir={tmp_path / name}"))
    assert "stands for other names where it is read; take another place" in line
    assert not list(tmp_path.iterdir())


def test_a_second_run_in_the_same_directory_is_refused(commands: CommandServer, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"):
        done = commands.run("distill", CONFIG, f"run_dir={tmp_path}")
    assert "another run is at work there" in refusal(done)


def test_a_damaged_artifact_says_what_to_delete(commands: CommandServer, tmp_path: Path) -> None:
    run_dir = f"run_dir={tmp_path / 'run'}"
    stages = plan_distillation(load_config(CONFIG, [run_dir])).plan.stages
    (folder,) = (stage.path for stage in stages if stage.name == "problems")
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"files": {"problems.parquet": {"bytes": 1, "sha256": ""}}}))
    assert f"delete {folder}" in refusal(commands.run("distill", CONFIG, run_dir))

"""A user's mistake gives one line with file, row and remedy, a non-zero exit status, and leaves earlier work intact."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import distill, distill_in_turn
from filelock import FileLock

CONFIG = "configs/demo/fake.yaml"


def refused(*arguments: str) -> str:
    """Run the command, expect a refusal without traceback, and return its last error line."""
    done = distill(*arguments)
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    return next(line for line in done.stderr.splitlines()[::-1] if line.startswith("error: "))


def problem_file(path: Path, text: str) -> str:
    path.write_text(text)
    return f"problems=[{{kind: file, path: {path}}}]"


def test_a_missing_config_lists_the_shipped_ones() -> None:
    assert "tiny.yaml" in refused("configs/none.yaml")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sampling.max_token=5", "did you mean max_tokens?"),
        ("sampling.n=many", "sampling.n: "),
        ("training.settings.learning_rate=.nan", "training.settings.learning_rate: "),
        ("teacher.kind=oracle", "teacher"),
    ],
)
def test_bad_settings_stop_before_any_work(tmp_path: Path, override: str, message: str) -> None:
    assert message in refused(CONFIG, f"run_dir={tmp_path / 'run'}", override)
    assert not (tmp_path / "run").exists()


def test_a_missing_problem_file_stops_before_any_work(tmp_path: Path) -> None:
    line = refused(CONFIG, f"run_dir={tmp_path / 'run'}", "problems=[{kind: file, path: none.jsonl}]")
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
def refused_in_a_stage(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Refused]:
    """What became of the runs that a stage refuses, by the text of their problem file."""
    folder = tmp_path_factory.mktemp("refused")
    run_dirs = {name: folder / f"run{number}" for number, name in enumerate([*BROKEN_FILES, NO_ANSWER])}
    overrides = {
        text: [problem_file(folder / f"p{number}.jsonl", text)] for number, text in enumerate(BROKEN_FILES)
    } | {NO_ANSWER: ["teacher.accuracy=0", "problems.0.size=5"]}
    runs = [[CONFIG, f"run_dir={run_dir}", *overrides[name]] for name, run_dir in run_dirs.items()]
    ended = distill_in_turn(*runs, PREFECT_API_URL=prefect_api)
    return {name: Refused(run_dir, *end) for (name, run_dir), end in zip(run_dirs.items(), ended, strict=True)}


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


def test_a_model_directory_without_weights(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    line = refused(CONFIG, f"run_dir={tmp_path / 'run'}", "student.scratch=null", f"student.path={tmp_path / 'model'}")
    assert "no weights" in line


def test_a_model_path_that_is_nothing(tmp_path: Path) -> None:
    line = refused(CONFIG, f"run_dir={tmp_path / 'run'}", "student.scratch=null", "student.path=/no/such/model")
    assert "no such model directory" in line


def test_no_accepted_trace_keeps_what_was_sampled(refused_in_a_stage: dict[str, Refused]) -> None:
    refused = refused_in_a_stage[NO_ANSWER]
    assert "no trace was accepted" in error_line(refused)
    assert list(refused.run_dir.glob("judge-*/manifest.json"))
    assert not list(refused.run_dir.glob("select-*/manifest.json"))


def test_an_unwritable_run_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in refused(CONFIG, f"run_dir={tmp_path / 'file' / 'run'}")


def test_a_second_run_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"):
        assert "another run is at work there" in refused(CONFIG, f"run_dir={tmp_path}")


def test_a_damaged_artifact_says_what_to_delete(tmp_path: Path) -> None:
    artifact_dir = tmp_path / "run"
    planned = distill(CONFIG, f"run_dir={artifact_dir}", "--dry-run").stdout
    folder = Path(next(line.split()[-1] for line in planned.splitlines() if line.startswith("problems  ")))
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"files": {"problems.parquet": {"bytes": 1, "sha256": ""}}}))
    assert f"delete {folder}" in refused(CONFIG, f"run_dir={artifact_dir}")

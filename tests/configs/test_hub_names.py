"""Hub names without a commit are reported."""

from pathlib import Path

import pytest
from conftest import ROOT
from hub_config_makers import COMMIT, make_config

from configs.hub_names import hub_names, unpinned
from configs.load import load_config

PAIRS = sorted((ROOT / "configs" / "pairs").glob("*.yaml"))


def test_each_unpinned_name_is_one_line_that_says_how_to_pin_it(tmp_path: Path) -> None:
    assert unpinned(make_config(tmp_path)) == [
        "teacher: owner/teacher is not pinned; set teacher.revision to a commit of it, or the run cannot be repeated",
        "problems.0: owner/problems is not pinned; set problems.0.revision to a commit of it, or the run cannot be "
        "repeated",
    ]


def test_a_branch_pins_nothing_a_tag_does(tmp_path: Path) -> None:
    for revision, lines in (("main", 1), ("v1.0", 0), (COMMIT, 0)):
        student = {"name": "s", "path": "owner/student", "revision": revision}
        found = [line for line in unpinned(make_config(tmp_path, student=student)) if line.startswith("student: ")]
        assert len(found) == lines


def test_directories_are_no_names(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    for path in (str(tmp_path / "model"), "./model", "model", "~/models"):
        teacher = {"kind": "vllm", "name": "t", "path": path}
        assert [place for place, *_ in hub_names(make_config(tmp_path, teacher=teacher))] == ["student", "problems.0"]


def test_servers_recorded_traces_and_benchmarks(tmp_path: Path) -> None:
    serve = {"kind": "server", "name": "t", "model": "m", "serve": {"path": "owner/served"}}
    benchmarks = {"held_out": [{"kind": "file", "path": "hf://owner/benchmark", "revision": COMMIT}]}
    config = make_config(tmp_path, teacher=serve, benchmarks=benchmarks, evaluation={"max_tokens": 100})
    assert [place for place, *_ in hub_names(config)] == [
        "teacher.serve",
        "student",
        "problems.0",
        "benchmarks.held_out.sources.0",
    ]
    moved = {"gsm8k": {"path": "hf://owner/gsm8k"}, "aime_2024": {}}
    config = make_config(tmp_path, benchmarks=moved, evaluation={"max_tokens": 100})
    assert [line for line in unpinned(config) if line.startswith("benchmarks.")] == [
        "benchmarks.gsm8k: owner/gsm8k is not pinned; set benchmarks.gsm8k.revision to a commit of it, or the run "
        "cannot be repeated"
    ]
    recorded = {
        "kind": "recorded",
        "name": "r",
        "files": [{"path": "hf://owner/traces", "columns": {"completion": "c"}}],
    }
    config = make_config(tmp_path, teacher=recorded, problems=[], sampling=None)
    assert [place for place, *_ in hub_names(config)] == ["student", "teacher.files.0"]


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.name)
def test_shipped_pairs_are_pinned_to_commits(path: Path) -> None:
    config = load_config(path)
    assert unpinned(config) == []
    assert all(revision and len(revision) == 40 for _, _, revision in hub_names(config))
    assert len(list(hub_names(config))) >= 2

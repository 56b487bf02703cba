"""A run directory that was copied, or that others may write to, makes a run write nowhere else."""

from functools import partial
from pathlib import Path

import pytest
from conftest import ROOT

from configs.load import load_config
from configs.sources import RowFile
from flows.run.directory import checked_and_locked, locked
from flows.stages.problems import source_identity
from flows.weights import hub_or_content
from records.errors import InputError

STAGE = "sft-0a1b2c3d4e5f"


def refusal(run_dir: Path) -> str:
    with pytest.raises(InputError) as caught, locked(run_dir):
        pass
    return str(caught.value)


@pytest.mark.parametrize(
    "place", [STAGE, f"{STAGE}/model.safetensors", f"{STAGE}/.work/steps.jsonl", "logs/a.log", ".verified", "exports"]
)
@pytest.mark.parametrize("there", [True, False])
def test_a_link_where_the_run_writes_is_refused(place: str, there: bool, tmp_path: Path) -> None:
    outside, link = tmp_path / "outside", tmp_path / "run" / place
    if there:
        outside.mkdir()
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    assert refusal(tmp_path / "run") == f"{link}: is a link, and the run would write to {outside}; remove it"


def test_other_links_are_left_alone(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    for folder in (STAGE, "exports", "mine"):
        (run_dir / folder).mkdir(parents=True)
        (run_dir / folder / "link").symlink_to(tmp_path)
    (run_dir / STAGE / "manifest.json").touch()
    (run_dir / "checkpoint").symlink_to(STAGE)
    with locked(run_dir):
        assert "another run is at work there" in refusal(run_dir)


def test_what_a_complete_stage_was_built_from_goes(tmp_path: Path) -> None:
    """As after a kill between its manifest and the removal; an unfinished stage goes on from it, a link leads away."""
    run_dir, outside = tmp_path / "run", tmp_path / "outside"
    complete, unfinished, linked = (run_dir / f"{name}-0a1b2c3d4e5f" for name in ("sft", "grpo", "other"))
    for folder in (complete, unfinished, outside):
        (folder / ".work" / "checkpoint-2").mkdir(parents=True)
    for folder in (complete, outside):
        (folder / "manifest.json").touch()
    linked.symlink_to(outside)
    with locked(run_dir):
        kept = [(folder / ".work").exists() for folder in (complete, unfinished, outside)]
    assert kept == [False, True, True]


def test_a_lock_that_cannot_be_taken_is_one_line(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(victim)
    assert "cannot be locked (Too many levels of symbolic links); remove it" in refusal(tmp_path / "run")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("place", ["checkpoint", "exports/nf4"])
def test_a_copy_that_followed_its_links_is_refused_before_the_work(place: str, tmp_path: Path) -> None:
    config = load_config(ROOT / "configs" / "demo" / "fake.yaml")
    (tmp_path / "exports" / "mine").mkdir(parents=True)
    with checked_and_locked(config, tmp_path):
        pass
    (tmp_path / place).mkdir(parents=True)
    with pytest.raises(InputError) as caught, checked_and_locked(config, tmp_path):
        pass
    told = f"{tmp_path / place}: is a folder, and the run puts a link to its result there; move it away"
    assert str(caught.value) == told
    with locked(tmp_path):  # `retort evaluate CHECKPOINT run_dir=…`, which puts no links there
        pass


@pytest.mark.parametrize("inside", ["", "data", "traces-00000.parquet"])
def test_a_stage_that_is_not_finished_is_no_table_and_no_model(inside: str, tmp_path: Path) -> None:
    """A run at work, or one that was killed, has a part of them."""
    stage = tmp_path / "run" / "sample-0a1b2c3d4e5f"
    (stage / "data").mkdir(parents=True)
    (stage / "traces-00000.parquet").touch()
    table = RowFile(path=str(stage / inside))
    assert source_identity(table)["content"], "a folder of somebody's own with such a name"
    (tmp_path / "run" / ".lock").touch()
    for identify in (partial(source_identity, table), partial(hub_or_content, str(stage), None)):
        with pytest.raises(InputError, match="belongs to a stage that is not finished"):
            identify()
    (stage / "manifest.json").touch()
    assert source_identity(table)["content"]

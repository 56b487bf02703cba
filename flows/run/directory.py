"""The run directory: checked and locked before a run, with links to the results at its top afterwards."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from filelock import FileLock, Timeout

from configs.publishing import Format
from configs.schema import Config
from eval.metrics.formats import read_scores
from flows.distill import Distillation
from flows.plan import Stage
from flows.run.links import check_no_link
from flows.run.preflight import check
from records.artifact import is_complete
from records.errors import InputError
from records.files import CURVES, WORK, link_error, write_json
from records.run_folders import ARTIFACT, LOCK, has_manifest
from records.verified import STAMPS

LOGS, CHECKPOINT = "logs", "checkpoint"
EXPORTS = "exports"
"""Folder at the top of the run directory with a link to every exported format."""
CHARTS = "accuracy-*.png"
"""Of the report, one for each benchmark."""


@contextmanager
def checked_and_locked(config: Config, run_dir: Path) -> Iterator[None]:
    """Check and lock the run directory: two runs must not build the same artifact at once.

    Errors: InputError as for `check`, and if another run holds the directory.
    """
    check(config, run_dir)
    with locked(run_dir):
        check_results(run_dir)
        yield


@contextmanager
def locked(run_dir: Path) -> Iterator[None]:
    """Lock a run directory that exists. Errors: InputError if another run holds it, it cannot be locked, or a link in
    it leads outside."""
    lock = FileLock(run_dir / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(f"{run_dir}: another run is at work there; wait for it, or set run_dir") from error
    except OSError as error:  # another user's file, or a link
        raise InputError(f"{run_dir / LOCK}: cannot be locked ({error.strerror}); remove it, or set run_dir") from error
    with lock:
        lock.release()  # `with` acquired it a second time
        check_links(run_dir)
        drop_work(run_dir)
        yield


def check_links(run_dir: Path) -> None:
    """Check that no folder that is written to is or holds a link, as in a run that was copied, or that others may write
    to. Errors: InputError."""
    for folder in sorted(run_dir.iterdir()):
        if folder.name in (LOGS, STAMPS) or (ARTIFACT.fullmatch(folder.name) and not has_manifest(folder)):
            check_no_link(folder)
        elif folder.name == EXPORTS and folder.is_symlink():
            raise link_error(folder)


def check_results(run_dir: Path) -> None:
    """Check that no folder stands where the run puts a link to a result, as in a copy that was made with what links
    lead to. Errors: InputError."""
    for place in (run_dir / CHECKPOINT, *(run_dir / EXPORTS / one for one in get_args(Format))):
        if place.is_dir() and not place.is_symlink():
            raise InputError(f"{place}: is a folder, and the run puts a link to its result there; move it away")


def drop_work(run_dir: Path) -> None:
    """Remove what complete stages were built from, such as a training's checkpoints, where a kill came between the
    manifest and its removal."""
    for work in run_dir.glob(f"*/{WORK}"):
        folder = work.parent
        if ARTIFACT.fullmatch(folder.name) and not folder.is_symlink() and has_manifest(folder):
            shutil.rmtree(work, ignore_errors=True)


def link_results(run: Distillation) -> None:
    """Put `scores.json`, `comparisons.json`, `curves.json`, `checkpoint`, `exports/` and what the report consists of at
    the top of the run directory.

    Links to curves, charts, a checkpoint and exports that were not built are removed: they would lead to those of
    earlier settings.
    """
    write_json(run.run_dir / "scores.json", read_scores(run.scores.path) if run.scores else [])
    if run.scores:
        link(run.run_dir / "comparisons.json", run.scores.path / "comparisons.json")
    else:
        (run.run_dir / "comparisons.json").unlink(missing_ok=True)
    link_if_built(run.run_dir / CURVES, run.curves, CURVES)
    for chart in run.run_dir.glob(CHARTS):
        chart.unlink()
    for file in ("report.html", "summary.md", *(chart.name for chart in run.report.path.glob(CHARTS))):
        link(run.run_dir / file, run.report.path / file)
    link_if_built(run.run_dir / CHECKPOINT, run.checkpoint)
    for export in run.checkpoint.exports:
        (run.run_dir / EXPORTS).mkdir(exist_ok=True)
        link_if_built(run.run_dir / EXPORTS / export.format, export)


def link_if_built(name: Path, stage: Stage | None, file: str = "") -> None:
    """Link to a stage's artifact, or a file in it, if it was built."""
    if stage and is_complete(stage.artifact):
        link(name, stage.path / file)
    else:
        name.unlink(missing_ok=True)


def link(name: Path, target: Path) -> None:
    """Point a relative link at the target, atomically replacing an older link."""
    temporary = name.with_name(f".{name.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, name.parent))
    temporary.rename(name)

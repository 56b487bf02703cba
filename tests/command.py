"""Runs and interrupts `python -m flows.distill` as a user would."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

from conftest import ROOT

from records.hashing import sha256_of


def distill(*arguments: str, timeout: float = 300, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with `variables` added to its environment."""
    command, environment = [sys.executable, "-m", "flows.distill", *arguments], os.environ | variables
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def interrupt(*arguments: str, at: tuple[Path, str], by: int) -> list[str]:
    """Start the command, and send it the signal `by` once a path in a folder matches a pattern: `at` holds both.

    Check that none of its processes stays alive. Return the command lines that they had at that moment.
    """
    marker = uuid.uuid4().hex
    command = [sys.executable, "-m", "flows.distill", *arguments]
    environment = os.environ | {"RETORT_TEST": marker}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    folder, pattern = at
    deadline = time.monotonic() + 300
    while not list(folder.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{pattern} never came"
        time.sleep(0.02)
    running = marked(marker)
    process.send_signal(by)
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0, output
    deadline = time.monotonic() + 20
    while left := marked(marker):
        assert time.monotonic() < deadline, f"processes outlived the flow: {left}"
        time.sleep(0.2)
    return running


def marked(marker: str) -> list[str]:
    """Return the command lines of the processes whose environment holds `marker`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it ended meanwhile
            continue
    return found


def begin_like(finished: Path, run_dir: Path) -> None:
    """Let a run begin with the problems of another one, and with its note that TRL accepts the settings of their
    training: checking them would import TRL, which takes 10 s, before anything is sampled."""
    shutil.copytree(artifact(finished, "problems"), run_dir / artifact(finished, "problems").name)
    (run_dir / "logs").mkdir()
    for note in (finished / "logs").glob("settings-*.passed"):
        shutil.copy(note, run_dir / "logs")


def artifact(run_dir: Path, stage: str) -> Path:
    (found,) = run_dir.glob(f"{stage}-????????????")
    return found


TIMED = ("training/log.parquet", "training/tensorboard/")
"""Curves of a training, which show its speed."""
SURPLUS = "surplus/"
"""Traces drawn beyond a problem's end, which depend on what was in flight when it ended, and which nothing uses."""
CARD = "README.md"


def assert_same_artifacts(ours: Path, theirs: Path) -> None:
    """Check that both runs hold the same artifacts, byte for byte. Only what shows wall times and what is surplus may
    differ."""
    folders = {manifest.parent.name for manifest in theirs.glob("*/manifest.json")}
    assert folders == {manifest.parent.name for manifest in ours.glob("*/manifest.json")}
    for folder in folders:
        files, found = (json.loads((run / folder / "manifest.json").read_text())["files"] for run in (theirs, ours))
        alone = {file for file in files.keys() ^ found.keys() if not file.startswith((*TIMED, SURPLUS))}
        assert not alone, folder
        for file in files:
            if file == CARD:
                assert untimed(ours / folder / file) == untimed(theirs / folder / file)
            elif file not in ("report.html", "costs.json") and not file.startswith((*TIMED, SURPLUS)):
                assert sha256_of(ours / folder / file) == sha256_of(theirs / folder / file), f"{folder}/{file}"


def untimed(card: Path) -> list[str]:
    """Return the lines of a card but those of a model's that tell how long a training took."""
    return [line for line in card.read_text().splitlines() if not line.startswith("| time |")]

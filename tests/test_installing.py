"""An installation imports nothing from the working directory."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import ROOT

PACKAGES = ("configs", "eval", "filters", "flows", "records", "student", "teacher")
BUILD = "import setuptools.build_meta as backend; backend.build_editable('..')"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """What `make setup` installs of Retort itself."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-P", "-c", BUILD], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    ZipFile(wheel).extractall(tmp_path / "site")
    return tmp_path / "site"


def test_no_name_on_the_path_is_looked_up_in_the_working_directory(site: Path, tmp_path: Path) -> None:
    """setuptools puts one there for namespaces. A `sitecustomize.py` in a folder of that name runs with each Python."""
    for version in site.glob("retort-*.dist-info"):
        folder = tmp_path / f"__editable__.{version.stem}.finder.__path_hook__"
        folder.mkdir()
        (folder / "antigravity_of_a_stranger.py").write_text("")
    code = (
        f"import site; site.addsitedir({str(site)!r})\n"
        "import records.errors\n"
        "try: import antigravity_of_a_stranger\n"
        "except ModuleNotFoundError: print('not found')\n"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout == "not found\n"

"""No Python imports from the working directory: it may be a stranger's folder, with a config and a `pickle.py`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from source_tree import sources

from flows.run.working_directory import check_working_directory
from records.errors import InputError

STARTS = re.compile(r"sys\.executable, (\"-\w\"|\w*)")
"""Matches `[sys.executable, "-m"` of a command line."""
ZYGOTE = "from flows.run.zygote import ZYGOTE; ZYGOTE.start(); ZYGOTE.requests.close(); ZYGOTE.process.wait()"
COMPILING = (
    "import filters.forking as forking\nclass Spec: cached = '/nowhere'\n"
    "forking.find_spec = lambda _: Spec\nforking.compile_for_workers('pickle')"
)
COMMAND = (
    "import subprocess; from flows.__main__ import main; sys.argv[1:] = ['--help']; main(); "
    "subprocess.run([sys.executable, '-c', 'import pickle'], check=True)"
)


@pytest.mark.parametrize("code", [ZYGOTE, COMPILING, COMMAND], ids=["zygote", "compiling", "command"])
def test_nothing_is_imported_from_it(code: str, tmp_path: Path) -> None:
    (tmp_path / "pickle.py").write_text("open('it_ran', 'w')")
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    subprocess.run([sys.executable, "-P", "-c", start], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert not (tmp_path / "it_ran").exists()


def test_a_run_takes_no_settings_of_prefect_from_it(tmp_path: Path) -> None:
    (tmp_path / "prefect.toml").write_text('[logging]\nconfig_path = "log.yml"')
    (tmp_path / "log.yml").write_text(
        "version: 1\nhandlers: {h: {'()': os.system, command: touch it_ran}}\nloggers: {prefect: {handlers: [h]}}\n"
    )
    code = (
        "from flows.run.orchestrated import orchestrated\n"
        "def flow():\n"
        "    import flows.run.prefect_setup\n"
        "    from prefect.logging.configuration import setup_logging\n"
        "    setup_logging()\n"
        "orchestrated(flow)\n"
    )
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    done = subprocess.run([sys.executable, "-P", "-c", start], cwd=tmp_path, check=False, capture_output=True)
    assert b"prefect.toml: has settings for Prefect" in done.stderr
    assert not (tmp_path / "it_ran").exists()


def test_charts_are_drawn_without_its_matplotlibrc(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\naxes.facecolor: red\nxtick.labelsize: 30\n")
    chart = "from eval.report.charts import lengths_chart; print(lengths_chart({'accepted': [1, 2, 40]}))"
    start = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {chart}"]
    drawn = [subprocess.run(start, cwd=place, check=True, capture_output=True).stdout for place in (tmp_path, ROOT)]
    assert drawn[0] == drawn[1]


def test_every_python_is_started_without_it() -> None:
    """Without -P or -I the working directory comes first on its path."""
    commands = {
        f"{file.relative_to(ROOT)}: {found[0]}"
        for file in sources()
        if file.relative_to(ROOT).parts[0] not in ("bench", "tests")
        for found in STARTS.finditer(file.read_text())
    }
    assert len(commands) >= 5
    assert [command for command in commands if not command.endswith(('"-P"', '"-I"'))] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prefect.toml", '[api]\nurl = "http://127.0.0.1:4200/api"'),
        ("prefect.toml", '[logging]\nconfig_path = "log.yml"'),
        ("pyproject.toml", '[tool."pr\\u0065fect".api]\nurl = "http://127.0.0.1:4200/api"'),
        ("pyproject.toml", "tool = {prefect = {profiles_path = 'mine.toml'}}"),
        (".env", "export prefect_Api_Url=http://127.0.0.1:4200/api"),
        (".env", "PREFECT_LOGGING_SETTINGS_PATH=log.yml"),
    ],
)
def test_the_working_directory_configures_no_prefect(name: str, text: str, tmp_path: Path) -> None:
    """Its server would get the key of the user's profile; its logging configuration calls what it names."""
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="has settings for Prefect, and the working directory may be somebody else's"):
        check_working_directory(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prefect.toml", "# nothing yet\n"),
        ("pyproject.toml", '[project]\ndependencies = ["prefect"]\n[tool.ruff]\nline-length = 120'),
        (".env", "OPENAI_API_KEY=x\nDATABASE=prefect"),
    ],
)
def test_other_files_of_a_working_directory(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    check_working_directory(tmp_path)
    check_working_directory(ROOT)


def test_a_library_of_the_working_directory_is_not_loaded(tmp_path: Path) -> None:
    """Once torch compiles it imports z3, which looks for its library there first."""
    (tmp_path / "libz3.so").write_text("")
    with pytest.raises(InputError, match=r"libz3\.so: z3 would load it in place of its own"):
        check_working_directory(tmp_path)


def test_a_file_that_prefect_could_not_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(InputError, match=r"pyproject\.toml: Prefect reads it, and it is not TOML"):
        check_working_directory(tmp_path)

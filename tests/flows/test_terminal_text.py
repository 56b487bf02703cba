"""Nothing that a command prints can change the terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from flows.__main__ import main
from flows.terminal import Harmless, harmless_output
from records.clean import harmless

TITLE, CLIPBOARD, UP, C1 = "\x1b]0;owned\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1b[2A\x1b[2K", "\x9b2J"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TITLE, "\\x1b]0;owned\\x07"),
        (CLIPBOARD, "\\x1b]52;c;cm0gLXJm\\x07"),
        (UP, "\\x1b[2A\\x1b[2K"),
        (C1, "\\x9b2J"),
        ("a\u202eb\u2066c\x7f\x00", "a\\u202eb\\u2066c\\x7f\\x00"),
        ("\x1b[1;32mgreen\x1b[0m\x1b[A\x1b[K\r\n\té 💡 שלום", None),
        ("\x1b[" + "1" * 41 + "m", "\\x1b[" + "1" * 41 + "m"),
        ("\x1b", "\\x1b"),
    ],
)
def test_control_characters_become_their_codes(text: str, shown: str | None) -> None:
    assert harmless(text) == (text if shown is None else shown)


def test_streams_pass_on_the_rest() -> None:
    file = io.StringIO()
    stream = Harmless(file)
    assert stream.write(TITLE) == len(TITLE)
    stream.writelines(["a\n", C1])
    assert file.getvalue() == harmless(TITLE) + "a\n" + harmless(C1)
    assert stream.isatty() is False
    before = sys.stdout, sys.stderr
    with harmless_output():
        assert isinstance(sys.stderr, Harmless)
    assert (sys.stdout, sys.stderr) == before


def test_names_in_a_table_and_in_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_text(f"problem,correct,level\np{TITLE},1,{C1}\nq,0,{UP}x\n")
    assert main(["score", str(file), "--by", "level"]) == 0
    assert main(["score", str(tmp_path / f"no{TITLE}.csv")]) == 2
    printed = "".join(capsys.readouterr())
    assert not {"\x1b", "\x07", "\x9b"} & {*printed}
    assert "\\x1b]0;owned\\x07.csv: " in printed


@pytest.mark.parametrize(
    ("redirected", "variables", "status"),
    [
        (">&-", {}, 0),
        ("| true; exit ${PIPESTATUS[0]}", {"PYTHONUNBUFFERED": ""}, 141),
        ("| true; exit ${PIPESTATUS[0]}", {"PYTHONUNBUFFERED": "1"}, 141),
        ("", {"PYTHONIOENCODING": "latin-1"}, 0),
    ],
)
def test_an_output_that_nobody_reads_or_that_lacks_characters(
    redirected: str, variables: dict[str, str], status: int, tmp_path: Path
) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_text("problem,correct,level\np,1,\u4e2d\nq,0,b\n")
    command = f"(sleep 0.5; exec {sys.executable} -m flows score {file} --by level) {redirected}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert redirected or "\\u4e2d" in done.stdout


def test_a_usage_text_that_nobody_reads() -> None:
    command = f"(sleep 0.5; exec {sys.executable} -m flows --help) | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")


def test_ctrl_c_while_a_command_is_planned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(path: str, overrides: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.distill.load_config", interrupted)
    assert main(["distill", "configs/demo/fake.yaml"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_ctrl_c_comes_to_a_command_that_has_imported_next_to_nothing() -> None:
    """Before `main` runs, it would be Python's traceback."""
    script = "import sys, flows.__main__; sys.exit('pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_what_libraries_print_gets_into_no_file(tmp_path: Path) -> None:
    """Although standard output is closed, whose number the next file would have."""
    script = f"""
import os
from flows.terminal import harmless_output
with harmless_output(), open({str(tmp_path / "file")!r}, "w"):
    os.write(1, b"printed")
"""
    subprocess.run(["bash", "-c", 'exec "$0" -c "$1" >&-', sys.executable, script], cwd=ROOT, check=True)
    assert not (tmp_path / "file").read_text()

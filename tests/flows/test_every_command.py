"""Every subcommand with every kind of bad input: one line, an exit status that is not 0, and nothing written."""

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.__main__ import COMMANDS, main

NOBODY = 65534
# What stands for a file, or a folder where a command reads one. Its name gets the ending that the command expects.
BAD: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "blank": lambda path: path.write_bytes(b"\n\n"),
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe\x00{"),
    "cut": lambda path: path.write_text('{"problem": "1", "corr\n'),
    "no object": lambda path: path.write_text("5\n"),
    "a list": lambda path: path.write_text("[1, 2]\n"),
    "wrong column": lambda path: path.write_text('{"a": 1}\n'),
    "NaN": lambda path: path.write_text('{"problem": "p", "correct": NaN}\n'),
    "deep": lambda path: path.write_text("[" * 100_000),
    "dangling link": lambda path: path.symlink_to(path.with_name("nowhere")),
    "link to itself": lambda path: path.symlink_to(path),
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "forbidden": lambda path: path.touch(0o000),
}
# Every place of every subcommand in which a file is named: its ending, and the arguments.
PLACES: dict[str, tuple[str, list[str]]] = {
    "distill": (".yaml", ["{}", "--dry-run"]),
    "evaluate": ("", ["{}", "--benchmarks", "gsm8k"]),
    "evaluate --config": (".yaml", ["owner/name", "--config", "{}"]),
    "evaluate --benchmarks": (".jsonl", ["{}.model", "--benchmarks", "{}"]),
    "judge": (".jsonl", ["{}", "{}.out.parquet"]),
    "judge --config": (".yaml", ["{}.jsonl", "{}.out.parquet", "--config", "{}"]),
    **{f"score {ending}": (ending, ["{}"]) for ending in (".jsonl", ".json", ".csv", ".csv.gz", ".parquet", "")},
    "score --against": (".csv", ["{good}", "--against", "{}"]),
    **{f"curves {ending}": (ending, ["{}"]) for ending in (".jsonl", ".json.gz", ".csv", ".parquet")},
    "curves --against": (".csv", ["{good}", "--against", "{}"]),
    "compare": ("", ["{}", "{}"]),
    "lm-eval": ("", ["{}", "--benchmark", "x"]),
    "preflight": (".yaml", ["{}"]),
    "join": (".yaml", ["{}"]),
    "settings": ("", ["{}"]),
    "fake-server": ("", ["--port", "99999"]),
}


def test_every_subcommand_is_looked_at() -> None:
    assert {place.split()[0] for place in PLACES} == COMMANDS.keys()


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", PLACES)
def test_bad_input_is_one_line(place: str, bad: str, tmp_path: Path) -> None:
    ending, arguments = PLACES[place]
    file = tmp_path / f"file{ending}"
    good = tmp_path / "good.csv"
    good.write_text("problem,sample,correct\na,0,1\na,1,0\n")
    argv = [place.split(maxsplit=1)[0], *(argument.format(file, good=good) for argument in arguments)]
    if bad == "forbidden":
        told_by(argv)  # which imports what it needs: another user may not read the checkout
    BAD[bad](file)
    before = sorted(tmp_path.rglob("*"))
    with as_another_user() if bad == "forbidden" else contextlib.nullcontext():
        status, told = told_by(argv)
    assert status == 2, told
    (line,) = told.splitlines()[-1:]
    assert line.startswith("error: ")
    assert "Traceback" not in told
    assert len(line) < 1500
    assert sorted(tmp_path.rglob("*")) == before


@contextlib.contextmanager
def as_another_user() -> Iterator[None]:
    """Within the block files are opened as somebody else does, if the tests run as root, who may read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def told_by(argv: list[str]) -> tuple[int, str]:
    """Run a command. Return its exit status and what it says on standard error."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        status = main(argv)
    return status, errors.getvalue()

"""Files are written whole, and never through a link, at one place: `records.files`."""

import ast
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT
from source_tree import sources

WRITING = {"write_text", "write_bytes", "touch", "symlink_to", "copyfile", "copy2", "copytree", "open"}
MODES = {"w", "wb", "wt", "w+", "a", "ab", "at", "x", "xb", "xt", "r+", "rb+", "r+b"}
"""Of `open`, those in which a file is written."""
ELSEWHERE = {
    "records/files.py": "the place",
    "flows/run/directory.py": "links to results, made anew under a temporary name",
    "flows/run/flow.py": "an empty note among the logs, whose folder is checked for links",
    "flows/run/child.py": "a log, which is appended to and is opened through no link",
    "teacher/servers/local_servers.py": "the same",
    "student/methods/journal.py": "a journal, which is appended to and is opened through no link",
    "teacher/sampling/reuse.py": "an empty note in a stage's folder, which is checked for links",
    "student/export/gguf.py": "writes to a file that `whole_file` has opened",
    **dict.fromkeys(
        ("student/export/files.py", "student/export/checkpoint.py", "student/export/adapter.py"),
        "copies weights in a stage's folder, which is checked for links and has no manifest yet",
    ),
}
"""Files that write by themselves, and why they may."""


def writes(file: Path) -> Iterator[int]:
    """The lines on which a file is written, made or copied."""
    for call in ast.walk(ast.parse(file.read_text())):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            modes = [part.value for part in ast.walk(call) if isinstance(part, ast.Constant) and part.value in MODES]
            if name in WRITING and (name != "open" or modes):
                yield call.lineno


def test_only_one_place_writes_files() -> None:
    found = {
        str(file.relative_to(ROOT)): list(writes(file))
        for file in sources()
        if "bench" not in file.relative_to(ROOT).parts
    }
    writing = {name: lines for name, lines in found.items() if lines}
    strange = {name: lines for name, lines in writing.items() if name not in ELSEWHERE}
    assert not strange, "write with records.files (whole_file, write_whole, write_json), or say here why it need not"
    assert ELSEWHERE.keys() == writing.keys(), "a file that writes no more"

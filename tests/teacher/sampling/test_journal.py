"""The journal of a shard survives torn ends and a full disk, and reports damage and another shard's journal."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from records.errors import InputError
from records.journal_lines import lined
from records.rows import Verdict
from teacher.sampling.drawn import Drawn
from teacher.sampling.journal import Entry, Journal, scan

ENTRY = Entry("0123456789ab", "stop", 5, 40, 3, drawn_here=True)
DRAWN = Drawn("één\nline\ttab", "4", True, "stop", 5, 43, seed=1, hinted=False, detail="")
VERDICTS = [Verdict("made", "1", "pass")]


def begun(path: Path, count: int = 3) -> Journal:
    journal = Journal(path, "shard")
    for index in range(count):
        journal.add(("problem", 0, index), ENTRY, replace(DRAWN, answer=str(index)))
    return journal


def test_traces_and_verdicts_come_back(tmp_path: Path) -> None:
    journal = begun(tmp_path / "j")
    journal.judge(("problem", 0, 1), True, VERDICTS)
    journal.add(("problem", 0, 3), ENTRY._replace(drawn_here=False, finish_reason="length"), DRAWN)
    journal.close()
    again = Journal(tmp_path / "j", "shard")
    assert again.entries == journal.entries
    assert [again.entries["problem", 0, index].accepted for index in range(4)] == [None, True, None, None]
    judged, not_judged = again.entries["problem", 0, 1], again.entries["problem", 0, 2]
    assert (again.drawn(judged), again.verdicts(judged)) == (replace(DRAWN, answer="1"), VERDICTS)
    assert (again.drawn(not_judged), again.verdicts(not_judged)) == (replace(DRAWN, answer="2"), [])
    assert not again.entries["problem", 0, 3].drawn_here


def test_a_journal_torn_anywhere_keeps_its_whole_lines(tmp_path: Path) -> None:
    begun(tmp_path / "j").close()
    whole = (tmp_path / "j").read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 10]
    for cut in range(len(whole)):
        (tmp_path / "j").write_bytes(whole[:cut])
        journal = Journal(tmp_path / "j", "shard")
        assert len(journal.entries) == max(0, sum(end <= cut for end in ends) - 1)
        journal.add(("problem", 0, 9), ENTRY, DRAWN)
        journal.close()
        assert scan(tmp_path / "j")[0].keys() == {*journal.entries}


def test_the_last_of_two_counts(tmp_path: Path) -> None:
    journal = begun(tmp_path / "j")
    journal.judge(("problem", 0, 1), True, VERDICTS)
    journal.add(("problem", 0, 1), ENTRY, replace(DRAWN, answer="again"))
    entries, _ = scan(tmp_path / "j")
    assert len(entries) == 3
    assert entries["problem", 0, 1].accepted is None
    assert journal.drawn(entries["problem", 0, 1]).answer == "again"


@pytest.mark.parametrize("content", ['{"problem_id": "a"}\n', "0" * 8 + " begins\t{}\n", "x"])
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    (tmp_path / "j").write_text(content)
    with pytest.raises(InputError, match="the journal of another run"):
        Journal(tmp_path / "j", "shard")
    assert (tmp_path / "j").read_text() == content


def test_another_shards_journal_is_refused(tmp_path: Path) -> None:
    begun(tmp_path / "j").close()
    with pytest.raises(InputError, match="the journal of another run"):
        Journal(tmp_path / "j", "other")


def test_damage_is_named_and_nothing_is_cut(tmp_path: Path) -> None:
    begun(tmp_path / "j").close()
    whole = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(whole.replace(b'"1"', b'"7"'))
    with pytest.raises(InputError, match=r"damaged at byte \d+; cut it there \(truncate -s"):
        Journal(tmp_path / "j", "shard")
    assert len((tmp_path / "j").read_bytes()) == len(whole)


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    journal = begun(tmp_path / "j")
    whole, file = (tmp_path / "j").read_bytes(), journal.file
    journal.file = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError):  # noqa: PT011 - of the write, or of cutting /dev/full
            journal.add(("problem", 0, 9), ENTRY, DRAWN)
    finally:
        os.close(journal.file)
        journal.file = file
    assert (tmp_path / "j").read_bytes() == whole
    assert ("problem", 0, 9) not in journal.entries
    journal.add(("problem", 0, 9), ENTRY, DRAWN)
    assert len(scan(tmp_path / "j")[0]) == 4


@pytest.mark.parametrize("reason", ["stop", "end of turn", "", "100 %", "tab\tline\n", "%20", "停止"])
def test_any_finish_reason_comes_back(tmp_path: Path, reason: str) -> None:
    journal = begun(tmp_path / "j")
    journal.add(("problem", 1, 2), ENTRY._replace(finish_reason=reason), replace(DRAWN, finish_reason=reason))
    entries, _ = scan(tmp_path / "j")
    assert entries == journal.entries
    assert entries["problem", 1, 2].finish_reason == reason == journal.drawn(entries["problem", 1, 2]).finish_reason


def test_attempts_are_apart(tmp_path: Path) -> None:
    journal = begun(tmp_path / "j")
    journal.add(("problem", 1, 0), ENTRY, DRAWN)
    journal.judge(("problem", 1, 0), False, VERDICTS)
    entries, _ = scan(tmp_path / "j")
    assert len(entries) == 4
    assert (entries["problem", 0, 0].accepted, entries["problem", 1, 0].accepted) == (None, False)


HEADS = (b"", b"t", b"t f p 0", b"t f p x 0 stop 1 2 3", b"t f p 0 0 stop 1 2 3 4", b"v p 0 0 1", b"v p", b"\xff")
HEAD = b"t f p 0 0 stop 1 2 3"


@pytest.mark.parametrize("line", [*(head + b"\t{}" for head in HEADS), HEAD])
def test_a_whole_line_that_is_no_record_is_one_line(line: bytes, tmp_path: Path) -> None:
    """As another version of Retort may have written it."""
    begun(tmp_path / "j").close()
    whole = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(whole + lined(line))
    with pytest.raises(InputError, match=rf"no record of a trace at byte {len(whole)}; move it away"):
        Journal(tmp_path / "j", "shard")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"[" * 100_000, b"\xff", b"9" * 5000, b'{"seed": "x"}'])
def test_a_trace_of_other_types_is_one_line(body: bytes, tmp_path: Path) -> None:
    begun(tmp_path / "j").close()
    with (tmp_path / "j").open("ab") as file:
        file.write(lined(HEAD + b"\t" + body) + lined(b"v p 0 0 1\t" + body.replace(b"[]", b"{}")))
    journal = Journal(tmp_path / "j", "shard")
    entry = journal.entries["p", 0, 0]
    with pytest.raises(InputError, match=r"byte \d+: no trace .*; move it away"):
        journal.drawn(entry)
    with pytest.raises(InputError, match=r"byte \d+: no verdicts; move it away"):
        journal.verdicts(entry)
    journal.close()


def test_a_link_in_place_of_a_journal_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "victim").touch()
    (tmp_path / "j").symlink_to(tmp_path / "victim")
    with pytest.raises(InputError, match=r"j: is a link, and the run would write to .*victim; remove it"):
        Journal(tmp_path / "j", "shard")
    assert (tmp_path / "victim").read_bytes() == b""

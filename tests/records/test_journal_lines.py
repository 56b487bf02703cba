"""A line of a journal is whole, or it is known not to be."""

import pytest

from records.journal_lines import HEAD, is_whole, lined


@pytest.mark.parametrize("payload", [b"", b"{}", "停止\t%s".encode(), b"x" * 100_000])
def test_a_line_is_as_it_was_written(payload: bytes) -> None:
    line = lined(payload)
    assert line[HEAD:-1] == payload
    assert is_whole(line)


def test_any_changed_byte_is_found() -> None:
    line = lined(b'{"step": 1}')
    for at in range(len(line) - 1):
        if at != HEAD - 1:  # the blank says nothing
            assert not is_whole(line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]), at
    for broken in (b"\n", b"x\n", line[1:], line[: HEAD + 1] + b"\n", line.upper()):
        assert not is_whole(broken), broken

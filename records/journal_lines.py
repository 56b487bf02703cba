"""A line of a journal with its checksum, `5d0c3f21 PAYLOAD`. It tells what was changed from what was written; a line
without its end is what a kill or a full disk left of one."""

from zlib import crc32

HEAD = 9
"""Bytes before the payload: eight hex digits and a blank."""


def lined(payload: bytes) -> bytes:
    return b"%08x %b\n" % (crc32(payload), payload)


def is_whole(line: bytes) -> bool:
    """Return True if a line with its end is as it was written."""
    return line[: HEAD - 1] == b"%08x" % crc32(memoryview(line)[HEAD:-1])

"""Sends framed JSON over a pipe: eight bytes of length, then the message. Only the standard library, as the sandbox
needs it."""

from __future__ import annotations

import json
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEADER = struct.Struct(">Q")
"""Length of the message in bytes."""


class Closed(BaseException):
    """The other side sent something that is not a message."""


class Gone(Closed):
    """The other side has hung up."""


def read_exactly(descriptor: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            raise Gone("it has ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def receive(descriptor: int, most: int) -> Any:
    """Receive one message. Errors: Closed if it is longer than `most` bytes, is not JSON, or nothing more comes."""
    (size,) = HEADER.unpack(read_exactly(descriptor, HEADER.size))
    if size > most:
        raise Closed(f"it sent a message of {size} bytes, which is too long")
    try:
        return json.loads(read_exactly(descriptor, size))
    except (ValueError, RecursionError):
        raise Closed("it sent something that is not a message") from None


def send(descriptor: int, message: Any) -> None:
    view = memoryview(framed(message))
    while view:
        view = view[os.write(descriptor, view) :]


def framed(message: Any) -> bytes:
    data = json.dumps(message).encode()
    return HEADER.pack(len(data)) + data

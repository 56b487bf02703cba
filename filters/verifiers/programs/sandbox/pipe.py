"""Framed JSON over a pipe, inside the sandbox: eight bytes of length, then the message. Standard library only."""

import json
import os
import struct
from typing import Any


class Closed(BaseException):
    """The other side said something that is no message."""


class Gone(Closed):
    """The other side is there no more."""


def read_exactly(descriptor: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            raise Gone("it is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def receive(descriptor: int, most: int) -> Any:
    """One message. Errors: Closed if it is longer than `most` bytes, is no JSON, or nothing comes any more."""
    (size,) = struct.unpack(">Q", read_exactly(descriptor, 8))
    if size > most:
        raise Closed(f"a message of {size} bytes")
    try:
        return json.loads(read_exactly(descriptor, size))
    except (ValueError, RecursionError):
        raise Closed("no message") from None


def send(descriptor: int, message: Any) -> None:
    data = json.dumps(message).encode()
    view = memoryview(struct.pack(">Q", len(data)) + data)
    while view:
        view = view[os.write(descriptor, view) :]

"""Packs JSON values into compressed text blocks, which the page carries and its script opens one by one.

A page that is opened from disk may not read files beside it, so everything it shows on demand has to be in it.
"""

import gzip
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

BLOCK_BYTES = 256 << 10
"""Size at which a block is closed, before compression: opening one takes a browser a few milliseconds."""


@dataclass(slots=True)
class Blocks:
    """Values in order, a JSON list of them per block, as base64 of gzip. Call `close` after the last one."""

    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Position of the first value of each block."""
    count: int = 0
    pending: list[str] = field(default_factory=list)
    pending_bytes: int = 0

    def add(self, value: Any) -> int:
        """Add a value, and return its position."""
        # ASCII only: half of a surrogate pair, which a model may emit, has no UTF-8.
        text = json.dumps(value, separators=(",", ":"))
        self.pending.append(text)
        self.pending_bytes += len(text)
        self.count += 1
        if self.pending_bytes >= BLOCK_BYTES:
            self.close()
        return self.count - 1

    def close(self) -> None:
        """Compress what is pending."""
        if self.pending:
            data = f"[{','.join(self.pending)}]".encode("ascii")
            self.texts.append(b64encode(gzip.compress(data, mtime=0)).decode("ascii"))
            self.starts.append(self.count - len(self.pending))
            self.pending, self.pending_bytes = [], 0


def inert_json(value: Any) -> str:
    """Return JSON that may stand in a script element: nothing in it can end the element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")

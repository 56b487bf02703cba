"""Lists a process and all below it, from Linux's /proc."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def process_tree(root: int) -> Iterator[Path]:
    """Yield the folder in /proc of a process and of all below it. One that ends meanwhile is left out, or gone when its
    folder is read: FileNotFoundError or ProcessLookupError."""
    left = [root]
    while left:
        folder = Path("/proc") / str(left.pop())
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in (folder / "task").iterdir():
                left += map(int, (thread / "children").read_text().split())
            yield folder

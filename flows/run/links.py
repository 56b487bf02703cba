"""Refuses links in folders that a run writes to: no stage makes one, and what it leads to would be overwritten."""

import os
from collections.abc import Iterator
from pathlib import Path

from records.files import link_error


def check_no_link(folder: Path) -> None:
    """Check that a folder, which need not be there yet, neither is nor holds a link. Errors: InputError."""
    for place in everything_in(folder):
        if place.is_symlink():
            raise link_error(place)


def everything_in(folder: Path) -> Iterator[Path]:
    """Yield a folder, and the files and folders below it."""
    yield folder
    for place, folders, files in os.walk(folder):
        yield from (Path(place, name) for name in [*folders, *files])

"""How a run directory is told from others, and whether a folder in one was finished."""

import re
from pathlib import Path

from records.errors import InputError
from records.files import MANIFEST

LOCK = ".lock"
"""File at the top of every run directory, which a run holds while it is at work."""
ARTIFACT = re.compile(r".+-[0-9a-f]{12}")
"""Matches the folder of a stage, `sft-0a1b2c3d4e5f`."""


def has_manifest(folder: Path) -> bool:
    return (folder / MANIFEST).exists()


def check_finished(named: Path) -> None:
    """Check that what a config names as a table or a model is no stage's folder, nor lies in one, that is still being
    filled, or never was: a part of its rows may be there. Errors: InputError."""
    place = named.resolve()
    for folder in (place, *place.parents):
        if ARTIFACT.fullmatch(folder.name) and (folder.parent / LOCK).exists() and not has_manifest(folder):
            raise InputError(f"{named}: belongs to a stage that is not finished; run it to its end first")

"""What the machine that trains tells those that join it: a file in the run directory, which all of them see.

With another config or other code a process would train another model, or take part in other steps than the rest, and
all would wait for each other for ever.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from records.errors import InputError
from records.files import write_json
from records.hashing import fingerprint, sha256_of

FILE = ".meeting.json"
PACKAGES = ("torch", "transformers", "accelerate", "trl", "peft", "datasets", "tokenizers")
"""Packages whose versions must be the same on all machines."""
ROOT = Path(__file__).resolve().parents[2]
SOURCE = ("configs", "records", "student", "flows")
"""Folders of the code that takes part in a training."""
ANSWER_S = 5


@dataclass(frozen=True)
class Terms:
    """What must be the same on all machines of a training."""

    launch: dict[str, Any]
    training: dict[str, Any]
    """All settings of the stage, also those that shape no weights: they say at which steps all of them save."""
    stage: str
    """The artifact's folder, whose name holds a hash of all that shapes it."""
    packages: dict[str, str]
    code: str


@dataclass(frozen=True)
class Meeting:
    """A training that waits for other machines. Made by the machine that hosts it; read by those that join."""

    number: str
    """Tells it from a later meeting of the same stage."""
    terms: Terms


def terms_of(stage: str, launch: dict[str, Any], training: dict[str, Any]) -> Terms:
    """Return the terms with the versions of this machine."""
    return Terms(launch, training, stage, {name: metadata.version(name) for name in PACKAGES}, code())


@cache
def code() -> str:
    """Return a hash of the source files."""
    files = sorted(file for folder in SOURCE for file in (ROOT / folder).rglob("*.py"))
    return fingerprint([[str(file.relative_to(ROOT)), sha256_of(file)] for file in files])


@contextmanager
def announced(run_dir: Path, terms: Terms) -> Iterator[None]:
    """Tell the other machines of a training. A killed process leaves the file, but then nothing answers any more."""
    write_json(run_dir / FILE, Meeting(uuid4().hex, terms))
    try:
        yield
    finally:
        (run_dir / FILE).unlink(missing_ok=True)


def meeting_in(run_dir: Path) -> Meeting | None:
    """Return the training that waits for this machine, if there is one. Errors: InputError for a file that another
    version of Retort wrote."""
    try:
        meeting = TypeAdapter(Meeting).validate_json((run_dir / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise InputError(f"{run_dir / FILE}: another version of Retort wrote it; install the same here") from error
    return meeting if answers(str(meeting.terms.launch.get("rendezvous"))) else None


def answers(address: str) -> bool:
    """Return True if something listens at `host:port`; False for what is no such address."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER_S):
            return True
    except (OSError, ValueError, OverflowError):
        return False


def check_terms(own: Terms, other: Terms) -> None:
    """Errors: InputError if this machine's terms are not those of the one that trains: the first that differs."""
    mine, theirs = dict(flat(asdict(own))), dict(flat(asdict(other)))
    for place in [*mine, *(place for place in theirs if place not in mine)]:
        here, there = mine.get(place), theirs.get(place)
        if here != there:
            what = "give both commands the same config and settings"
            if place.startswith(("packages", "code")):
                what = "install the same on all machines"
            raise InputError(f"{place}: {here} here, but {there} on the machine that trains; {what}")


def flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of nested dicts with its dotted path."""
    if not isinstance(value, dict) or not value:
        yield place, value
        return
    for key, part in value.items():
        yield from flat(part, f"{place}.{key}" if place else key)

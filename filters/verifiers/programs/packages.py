"""Finds what a sandbox must see so that a program can import a package that is installed where Retort is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from records.errors import InputError


@cache
def places_of(names: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the files and folders of packages and of what they depend on, each under another name. Errors: InputError
    for a package that is not installed."""
    places: dict[str, Path] = {}
    for name in with_what_they_need(names):
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not top.endswith((".dist-info", ".pth")):
                places.setdefault(top, Path(str(distribution(name).locate_file(top))).resolve())
    return tuple(places.values())


def with_what_they_need(names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    left = list(names)
    while left:
        name = left.pop(0)
        if name in found:
            continue
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            raise InputError(f"judging.code.packages: {name} is not installed where Retort is; install it") from None
        found.append(name)
        requirements = map(Requirement, needs)
        left += [one.name for one in requirements if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found

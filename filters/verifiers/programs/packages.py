"""Finds what a sandbox must see so that a program can import a package that is installed where Retort is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from records.errors import InputError


@cache
def places_of(names: tuple[str, ...]) -> dict[str, Path]:
    """Return the files and folders of packages and of what they depend on, by the name under which Python finds them.
    Errors: InputError for a package that is not installed, or whose files are not known."""
    places: dict[str, Path] = {}
    for name in with_what_they_need(names):
        own = own_places(name)
        if not own and name in names:
            raise InputError(
                f"judging.code.packages: {name} does not say which files it has, as packages that are installed as "
                "editable or by a distribution of Linux; install it by pip"
            )
        places = own | places
    return places


def own_places(name: str) -> dict[str, Path]:
    found = distribution(name)
    tops = {file.parts[0] for file in found.files or () if not file.is_absolute()}
    return {
        top: Path(str(found.locate_file(top))).resolve()
        for top in sorted(tops - {"..", "__pycache__"})
        if not (top.startswith("__editable__") or top.endswith((".dist-info", ".egg-info", ".pth")))
    }


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

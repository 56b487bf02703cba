"""Checks the working directory: it may be a folder of somebody else's, with a config, and libraries look there too."""

import tomllib
from pathlib import Path

from records.errors import InputError

LIBRARY = "libz3.so"


def check_working_directory(here: Path) -> None:
    """Check that no file of the working directory configures Prefect, or is taken for a library.

    Prefect takes all its settings from there too, before those of the user's profile: the server that gets the
    profile's key, from which a run takes states and results, and a logging configuration, which calls what it names.
    z3, which torch imports when it compiles, loads its own library from there first (z3/z3core.py). Errors: InputError.
    """
    for name, configures in (("prefect.toml", any_toml), ("pyproject.toml", tool_prefect), (".env", variables)):
        file = here / name
        if file.is_file() and configures(file):
            raise InputError(
                f"{file}: has settings for Prefect, and the working directory may be somebody else's; set them by "
                "`prefect config set` or as variables, and remove them there, or start the command in another folder"
            )
    if (here / LIBRARY).exists():
        raise InputError(f"{here / LIBRARY}: z3 would load it in place of its own; start the command in another folder")


def any_toml(file: Path) -> bool:
    return bool(read_toml(file))


def tool_prefect(file: Path) -> bool:
    tool = read_toml(file).get("tool")
    return isinstance(tool, dict) and bool(tool.get("prefect"))


def variables(file: Path) -> bool:
    """Return True if a `.env` names a variable of Prefect's, whose names it takes in any case."""
    return "prefect_" in file.read_text(errors="replace").lower()


def read_toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: Prefect reads it, and it is not TOML ({error}); correct it") from error

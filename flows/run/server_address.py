"""Tells whether the user's Prefect server may be configured, without importing Prefect, which takes 5 s, and keeps it
from being configured by the working directory."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from records.errors import InputError

VARIABLES = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH")


def may_have_server(environment: Mapping[str, str], home: Path) -> bool:
    """Return False if Prefect would start a temporary server of its own.

    It looks where Prefect does (`prefect/settings/sources.py`): variables and the profiles in PREFECT_HOME, by default
    `home/.prefect`. It does not work out which of them wins: an address in any of them counts.
    """
    if any(environment.get(name) for name in VARIABLES):
        return True
    profiles = Path(environment.get("PREFECT_HOME") or home / ".prefect") / "profiles.toml"
    return profiles.is_file() and "PREFECT_API_URL" in profiles.read_text(errors="replace")


def check_working_directory(here: Path) -> None:
    """Check that no file of the working directory configures Prefect.

    It may be a folder of somebody else's, and Prefect takes all its settings from there too, before those of the user's
    profile: the server that gets the profile's key, from which a run takes states and results, and a logging
    configuration, which calls what it names. Errors: InputError.
    """
    for name, configures in (("prefect.toml", any_toml), ("pyproject.toml", tool_prefect), (".env", variables)):
        file = here / name
        if file.is_file() and configures(file):
            raise InputError(
                f"{file}: has settings for Prefect, and the working directory may be somebody else's; set them by "
                "`prefect config set` or as variables, and remove them there, or start the command in another folder"
            )


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

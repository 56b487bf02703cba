"""Tells whether the user's Prefect server may be configured, and whether Prefect could start one of its own, without
importing Prefect, which takes 5 s."""

import os
from collections.abc import Mapping
from pathlib import Path

from records.errors import InputError

VARIABLES = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH")
DATABASES = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")


def may_have_server(environment: Mapping[str, str], home: Path) -> bool:
    """Return False if Prefect would start a temporary server of its own.

    It looks where Prefect does (`prefect/settings/sources.py`): variables and the profiles in PREFECT_HOME, by default
    `home/.prefect`. It does not work out which of them wins: an address in any of them counts.
    """
    if any(environment.get(name) for name in VARIABLES):
        return True
    profiles = prefect_home(environment, home) / "profiles.toml"
    return profiles.is_file() and "PREFECT_API_URL" in profiles.read_text(errors="replace")


def check_prefect_home(environment: Mapping[str, str], home: Path) -> None:
    """Check that a temporary server could write its database: it would be waited for in vain. Errors: InputError."""
    folder = prefect_home(environment, home)
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)) and not any(map(environment.get, DATABASES)):
        raise InputError(
            f"{folder}: Prefect's temporary server keeps its database there, and it cannot be written; set "
            "PREFECT_HOME to a folder that can be"
        )


def prefect_home(environment: Mapping[str, str], home: Path) -> Path:
    return Path(environment.get("PREFECT_HOME") or home / ".prefect")

"""Tells whether the user's Prefect server may be configured, without importing Prefect, which takes 5 s."""

from collections.abc import Mapping
from pathlib import Path

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

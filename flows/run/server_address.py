"""Tells whether the user's Prefect server may be configured, without importing Prefect, which takes 5 s."""

from collections.abc import Mapping
from pathlib import Path

VARIABLES = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH")


def may_have_server(environment: Mapping[str, str], here: Path, home: Path) -> bool:
    """Return False if Prefect would start a temporary server of its own, in the working directory `here`.

    It looks where Prefect does (`prefect/settings/sources.py`): variables, `.env`, `prefect.toml`, `pyproject.toml` and
    the profiles in PREFECT_HOME, by default `home/.prefect`. It does not work out which of them wins: an address in any
    of them counts.
    """
    if any(environment.get(name) for name in VARIABLES):
        return True
    profiles = Path(environment.get("PREFECT_HOME") or home / ".prefect") / "profiles.toml"
    signs = {
        here / ".env": VARIABLES,
        here / "prefect.toml": ("api", "profiles_path"),
        here / "pyproject.toml": ("tool.prefect",),
        profiles: ("PREFECT_API_URL",),
    }
    return any(mentions(file, words) for file, words in signs.items())


def mentions(file: Path, words: tuple[str, ...]) -> bool:
    text = file.read_text(errors="replace") if file.is_file() else ""
    return any(word in text for word in words)

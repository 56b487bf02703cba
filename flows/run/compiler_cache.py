"""Where torch keeps what it compiles: code and pickles, which it loads again."""

import os
from collections.abc import Mapping
from pathlib import Path

from records.errors import InputError

VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


def compiler_cache(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that names the folder, in the user's cache unless the user has set it. Torch's own default is
    a folder of /tmp with the user's name, where another user of the machine may have put what would then run."""
    caches = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return {VARIABLE: environment.get(VARIABLE) or os.path.abspath(caches / "retort" / "torchinductor")}


def check_compiler_cache(environment: Mapping[str, str]) -> None:
    """Check that the folder is there or can be made, without which torch cannot be imported. Errors: InputError."""
    folder = compiler_cache(environment)[VARIABLE]
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: torch keeps what it compiles there, and it cannot be made ({error.strerror}); set "
            "XDG_CACHE_HOME to a folder that can be written"
        ) from error

"""Where torch keeps what it compiles: code and pickles, which it loads again."""

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


def compiler_cache(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that names the folder, in the user's cache unless the user has set it. Torch's own default is
    a folder of /tmp with the user's name, where another user of the machine may have put what would then run."""
    caches = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return {VARIABLE: environment.get(VARIABLE) or os.path.abspath(caches / "retort" / "torchinductor")}

"""The GPUs that this process may use. Read by stages that start further processes."""

import os
from pathlib import Path


def visible_gpus() -> list[str] | None:
    """Return the names in `CUDA_VISIBLE_DEVICES` (indices or UUIDs) in order; None if it is unset: all are visible.

    A name that begins with "-", such as the usual `-1`, hides itself and every name after it (CUDA programming guide,
    "CUDA Environment Variables").
    """
    value = os.environ.get("CUDA_VISIBLE_DEVICES")
    if value is None:
        return None
    names: list[str] = []
    for name in filter(None, map(str.strip, value.split(","))):
        if name.startswith("-"):
            break
        names.append(name)
    return names


def has_gpu() -> bool:
    """Return True if this process may use a GPU. No library is asked, because that would begin to use one."""
    return Path("/dev/nvidiactl").exists() and visible_gpus() != []

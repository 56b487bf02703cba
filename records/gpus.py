"""The GPUs that this process may use. Read by stages that start processes of their own."""

import os


def visible_gpus() -> list[str] | None:
    """The names in `CUDA_VISIBLE_DEVICES` in their order, indices or UUIDs; None if it is unset: all of the machine's.

    A name that begins with "-", as in the usual `-1`, hides itself and those after it (CUDA programming guide,
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

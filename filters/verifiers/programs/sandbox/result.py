"""Checks what a sandbox reports. The tests of a problem run in its harness, and a stranger's may write to the host."""

from typing import Any

FATE = {"timeout": (bool,), "killed": (bool,), "status": (int,), "cpu_s": (int, float)}
"""What is said of every program that was run."""
OTHERS = {"gone": (bool,), "asked": (int,), "error": (str,), "unsupported": (str,), "stdout": (str,), "stderr": (str,)}


def is_result(message: Any, *needed: str) -> bool:
    """Return True for a report of the types that the harness gives, with the fields `needed`; one on tests that cannot
    be run needs no others."""
    if not isinstance(message, dict):
        return False
    typed = all(type(message[name]) in kinds for name, kinds in (FATE | OTHERS).items() if name in message)
    return typed and ("unsupported" in message or {*FATE, *needed} <= message.keys())

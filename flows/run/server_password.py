"""The password of Prefect's temporary server, which listens on 127.0.0.1, where other users of the machine reach it.

It lives in the environment alone: Prefect reads it there, in the server and in its clients, and hands it on to the
workers of a cluster with its settings. Processes of stages go without it.
"""

import os
import secrets
from collections.abc import Mapping
from functools import cache

VARIABLES = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")
"""What the server asks for (`token_validation` in prefect/server/api/server.py), and what clients send."""


@cache
def protect_server() -> None:
    """Draw a password, once in this process. Call it before Prefect is imported, which reads its settings then, and
    only if Prefect will start a server: a server of the user's own has its own password."""
    os.environ.update(dict.fromkeys(VARIABLES, secrets.token_hex(32)))


def without_password(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in VARIABLES}

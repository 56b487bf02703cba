"""Runs a Prefect flow for a command: whatever ends it, it ends soon and with one line."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from flows.run.child import StageFailed
from flows.run.compiler_cache import check_compiler_cache
from flows.run.ending import INTERRUPTION, ending_soon
from flows.run.server_address import check_prefect_home, may_have_server
from flows.run.server_password import protect_server
from flows.run.working_directory import check_working_directory
from records.errors import InputError

UNREACHED = "Failed to reach API"
"""What Prefect says when the user's server does not answer (`raise_for_api_version_mismatch` in its client)."""


def orchestrated(flow: Callable[[], None]) -> int:
    """Run the flow, and return the exit status. `flow` imports Prefect, which takes 5 s. Errors: whatever the flow
    raises but StageFailed; InputError for a working directory that must not be one, a home in which torch or Prefect
    cannot write, and a server of the user's that does not answer."""
    check_working_directory(Path.cwd())
    check_compiler_cache(os.environ)
    if not may_have_server(os.environ, Path.home()):
        check_prefect_home(os.environ, Path.home())
        protect_server()
    try:
        with ending_soon():
            flow()
    except KeyboardInterrupt:
        status, line = INTERRUPTION
        print(line, file=sys.stderr)
        return status
    except StageFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except RuntimeError as error:
        if UNREACHED not in str(error):
            raise
        raise InputError(f"{error}: start that Prefect server, or do without PREFECT_API_URL and its profile") from None
    return 0

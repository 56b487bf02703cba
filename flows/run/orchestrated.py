"""Runs a Prefect flow for a command: whatever ends it, it ends soon and with one line."""

import sys
from collections.abc import Callable

from flows.command_line import INTERRUPTED
from flows.run.child import StageFailed
from flows.run.ending import ending_soon


def orchestrated(flow: Callable[[Callable[[], None]], None]) -> int:
    """Run the flow, and return the exit status. `flow` imports Prefect, which takes 5 s, and gets a function to call
    once Prefect's server is there. Errors: whatever the flow raises but StageFailed."""
    try:
        with ending_soon() as started:
            flow(started)
    except KeyboardInterrupt:
        print("interrupted; the same command continues", file=sys.stderr)
        return INTERRUPTED
    except StageFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0

"""The command `retort`, also `python -m flows`, with its subcommands."""

import ast
import difflib
import importlib
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

from flows.command_line import INTERRUPTED
from flows.run.os_errors import FORBIDDEN, FULL, NO_SUCH_PATH, remedy
from flows.terminal import harmless_output

COMMANDS = {
    "distill": "flows.distill",
    "evaluate": "flows.evaluate",
    "judge": "flows.judge",
    "score": "flows.score",
    "compare": "flows.compare",
    "curves": "flows.curves",
    "lm-eval": "flows.lm_eval",
    "preflight": "flows.preflight",
    "join": "flows.join",
    "settings": "flows.settings",
    "fake-server": "teacher.servers.fake",
}
"""The module of each subcommand; its `main(argv)` returns the exit status."""
UNREAD = 128 + signal.SIGPIPE
"""Exit status when nobody reads the output any more, as other programs have it."""


def main(argv: list[str] | None = None) -> int:
    """Run a subcommand with the remaining arguments, and return its exit status; 2 for an unknown subcommand, for what
    another user forbids, a full disk, and a path that cannot be.

    As a command, no Python that it starts, such as Prefect's server, imports from the working directory: that may be a
    folder of somebody else's, with a config and a `pickle.py`.
    """
    if argv is None:
        os.environ["PYTHONSAFEPATH"] = "1"
    name, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    with harmless_output():
        try:
            from configs.explain import LONGEST_MISTAKE, cut  # takes a third of a second, in which Ctrl-C may come

            status = run(name, rest)
            print(end="", flush=True)
            return status
        except KeyboardInterrupt:  # while it is imported or planned
            print("interrupted", file=sys.stderr)
            return INTERRUPTED
        except OSError as error:
            advice = remedy(error)
            if advice not in (FORBIDDEN, FULL, NO_SUCH_PATH):
                raise
            print(f"error: {cut(str(error), LONGEST_MISTAKE)}: {advice}", file=sys.stderr)
            return 2
    return UNREAD


def run(name: str, rest: list[str]) -> int:
    """Run the subcommand of this name, or show the usage."""
    if name in ("-h", "--help"):
        print(usage())
        return 0
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
        print(f"error: no command {name!r}; {hint}", file=sys.stderr)
        return 2
    return int(importlib.import_module(COMMANDS[name]).main(rest))


def usage() -> str:
    """Return the usage text, with the first line of each subcommand's module docstring."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {first_line(module)}" for name, module in COMMANDS.items()]
    return "\n".join(["usage: retort COMMAND …", "", *lines, "", "retort COMMAND --help says more."])


def first_line(module: str) -> str:
    """Return the first line of a module's docstring without importing the module."""
    spec = find_spec(module)
    source = Path(spec.origin).read_text() if spec and spec.origin else ""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())

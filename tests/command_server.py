"""Runs Retort's commands one after the other in a process of its own, which imports Prefect once; its zygote imports
TRL and vLLM once. That takes each command 10 to 25 s otherwise. A test of how a process starts or ends has one of its
own (`command.distill`, `command.interrupt`)."""

import json
import os
import runpy
import select
import subprocess
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STARTED = "from command_server import main; main()"
OUTPUT, ERRORS = "output", "errors"


class CommandServer:
    """The process, as a test asks it. It starts with the first command, and again if one has ended it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        """The process has `variables` in its environment. What commands print goes to files in `folder`."""
        self.folder, self.variables = folder, variables
        self.process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str, timeout: float = 300, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `retort` with these arguments to its end, with `variables` added to its environment.

        Errors: AssertionError if it takes longer than `timeout` seconds, or ends the process."""
        return self.ask("command", arguments, timeout, variables)

    def run_with_vllm(self, script: Path, *arguments: str, timeout: float = 400, **variables: str) -> str:
        """Run a Python file as a stage that samples with vLLM, and return what it prints. Errors: AssertionError, also
        if it fails."""
        log = self.folder / script.with_suffix(".log").name
        done = self.ask("script", (str(log), str(script), *arguments), timeout, variables)
        assert done.returncode == 0, done.stderr
        return read(log)

    def ask(
        self, kind: str, arguments: tuple[str, ...], timeout: float, variables: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        if self.process is None or self.process.poll() is not None:
            self.process = self.start()
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([kind, arguments, variables]), file=self.process.stdin, flush=True)
        answers = select.select([self.process.stdout], [], [], timeout)[0]
        status = self.process.stdout.readline() if answers else ""
        output, errors = read(self.folder / OUTPUT), read(self.folder / ERRORS)
        if not status:
            self.close()
        assert status, f"it took over {timeout} s, or ended the process: {output}{errors}"
        return subprocess.CompletedProcess(arguments, int(status), output, errors)

    def start(self) -> subprocess.Popen[str]:
        search = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        command, pipe = [sys.executable, "-c", STARTED, str(self.folder)], subprocess.PIPE
        environment = os.environ | self.variables | search
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()


def read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def main() -> None:
    """Run everything that arrives, and answer each time with an exit status."""
    folder = Path(sys.argv[1])
    questions, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    redirect(os.devnull, 0)
    for line in questions:
        kind, arguments, variables = json.loads(line)
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        redirect(folder / OUTPUT, 1)
        redirect(folder / ERRORS, 2)
        status = status_of(KINDS[kind], arguments)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        sys.stdout.flush()
        sys.stderr.flush()
        print(status, file=answers, flush=True)


def redirect(file: str | Path, descriptor: int) -> None:
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.dup2(opened, descriptor)
    os.close(opened)


def status_of(function: Any, arguments: list[str]) -> int:
    """Return the exit status that an interpreter would have which calls the function and ends."""
    try:
        return int(function(arguments))
    except SystemExit as error:  # argparse's
        return int(error.code or 0)
    except Exception:
        traceback.print_exc()
        return 1


def run_command(arguments: list[str]) -> int:
    from flows.__main__ import main as run

    return run(arguments)


def run_script(arguments: list[str]) -> int:
    from flows.run.child import run_in_child
    from flows.weights import VLLM

    log, *given = arguments
    run_in_child(partial(execute, given), {}, log=Path(log), update=lambda _: None, preload=VLLM)
    return 0


def execute(given: list[str], progress: Any) -> None:
    """Run a file, in a process that was forked for it."""
    sys.argv = given
    runpy.run_path(given[0], run_name="__main__")


KINDS = {"command": run_command, "script": run_script}

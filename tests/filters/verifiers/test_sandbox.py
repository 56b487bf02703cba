"""The sandbox contains whatever a program does: it gives a verdict in time, leaves nothing, and then judges well."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from hostile_programs import HOSTILE, IDLE, SLOW, TIME

from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.sandbox import host as sandbox_module
from filters.verifiers.programs.sandbox.bubblewrap import bubblewrap
from filters.verifiers.programs.sandbox.host import FIRST_UID, SandboxFailed, sandbox
from filters.verifiers.programs.sandbox.limits import Limits
from records.errors import InputError

TIGHT = Limits(cpu_s=1, memory_mib=256, total_memory_mib=512, wall_s=5)
TASK = json.dumps({"kind": "assert", "tests": ["assert f(1) == 2", "assert f(2) == 3", "assert f([1, 2]) == [2, 3]"]})
RIGHT = "def f(x):\n    return [i + 1 for i in x] if isinstance(x, list) else x + 1\n"


def leftovers() -> list[str]:
    """Processes of a sandbox: by the harness in their command line, or by a user id that only sandboxes have."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if ") Z " in (folder / "stat").read_text():
                continue  # dead: only its number waits for whoever adopted it
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            ours = "/harness/" in line or folder.stat().st_uid >= FIRST_UID
        except OSError:
            continue
        if ours and not is_anothers(int(folder.name)):
            found.append(f"{folder.name} {line}")
    return found


def is_anothers(pid: int) -> bool:
    """Return True for a process of a sandbox that somebody else uses: another worker under pytest-xdist, or a program
    beside these tests. What is left over has nobody above it but other processes of its sandbox."""
    own = {os.getpid(), *(above.pid for above in psutil.Process().parents())}
    try:
        parents = psutil.Process(pid).parents()
        others = [above for above in parents if above.pid not in own and "/harness/" not in " ".join(above.cmdline())]
        return os.getpid() not in {above.pid for above in parents} and bool(others)
    except psutil.NoSuchProcess:
        return True


def test_the_tests_have_bubblewrap() -> None:
    assert Path(bubblewrap()).is_file()


def files_left() -> list[Path]:
    """Return what a program's user owns outside of the sandbox."""
    left = []
    for file in Path("/tmp").iterdir():
        with suppress(FileNotFoundError):  # another test's, removed meanwhile
            left += [file] if file.lstat().st_uid >= FIRST_UID else []
    return left


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_program(name: str) -> None:
    program, verdicts = HOSTILE[name]
    started = time.monotonic()
    verdict = verify_code(TASK, program, replace(TIGHT, wall_s=1.5) if name in IDLE else TIGHT)
    assert (verdict.outcome, verdict.reason) in verdicts, verdict
    assert time.monotonic() - started < TIGHT.deadline_s + 3
    assert not leftovers()
    assert not files_left()
    assert verify_code(TASK, RIGHT, TIGHT).outcome == "pass"


@pytest.mark.parametrize("name", [name for name in HOSTILE if not HOSTILE[name][1] <= {TIME, SLOW}])
def test_hostile_script_is_never_accepted(name: str) -> None:
    task = json.dumps({"kind": "stdio", "inputs": ["1\n", "2\n"], "outputs": ["2\n", "3\n"]})
    assert verify_code(task, HOSTILE[name][0], TIGHT).outcome != "pass"
    assert not leftovers()


def test_a_script_does_not_see_how_long_the_expected_output_is() -> None:
    """Three characters are YES, two are NO."""
    program = (
        "{}\nmost = [value['most'] for value in seen if isinstance(value, dict) and 'most' in value]\n"
        "print('YES' if most and (most[-1] - 65536) // 64 == 3 else 'NO')\n"
    )
    by_gc = "import gc\nseen = gc.get_objects()"
    by_frames = (
        "import sys\nframe, seen = sys._getframe(), []\n"
        "while frame: seen, frame = [*seen, *frame.f_locals.values()], frame.f_back"
    )
    task = json.dumps({"kind": "stdio", "inputs": ["1", "2", "3"], "outputs": ["YES", "NO", "YES"]})
    for how in (by_gc, by_frames):
        assert verify_code(task, program.format(how), TIGHT).outcome == "fail"


def test_a_program_may_use_pools() -> None:
    """Those of processes need semaphores; on a large machine those without a number would be as large as it."""
    program = (
        "import multiprocessing, os\nfrom concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n"
        "def add(x): return x + 1\n"
        "def f(x):\n    found = x if isinstance(x, list) else [x]\n    lock = multiprocessing.Lock()\n"
        "    with multiprocessing.Pool() as pool, lock: found = pool.map(add, found)\n"
        "    with ProcessPoolExecutor() as pool: found = list(pool.map(int, found))\n"
        "    with ThreadPoolExecutor() as pool: found = list(pool.map(int, found))\n"
        "    assert os.cpu_count() == 4\n    return found if isinstance(x, list) else found[0]\n"
    )
    verdict = verify_code(TASK, program, replace(TIGHT, cpu_s=10, total_memory_mib=1024, wall_s=60))
    assert verdict.outcome == "pass", verdict


def test_a_program_may_use_sockets_in_its_process() -> None:
    program = (
        "import asyncio, socket\n"
        "async def add(x): return [i + 1 for i in x] if isinstance(x, list) else x + 1\n"
        "def f(x):\n    ours, theirs = socket.socketpair()\n"
        "    ours.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)\n"
        "    ours.send(b'x')\n    assert theirs.recv(1) == b'x'\n    return asyncio.run(add(x))\n"
    )
    assert verify_code(TASK, program, replace(TIGHT, cpu_s=5, wall_s=30)).outcome == "pass"


@pytest.mark.parametrize(
    "sent",
    [
        *("[]", "null", '"x"', "{}", '{"asked": 1}', "no JSON", "[" * 100_000, "1" * 5000, '{"unsupported": 5}'),
        "[" + "[]," * 400_000 + "[]]",
        '{"timeout": true, "cpu_s": "x", "killed": false, "status": 0}',
        '{"timeout": false, "cpu_s": 0, "killed": false, "status": 0, "error": {}}',
    ],
    ids=lambda sent: sent[:20],
)
def test_tests_that_write_to_the_host_themselves_decide_nothing(sent: str) -> None:
    """They run in the harness, and may be a stranger's."""
    tests = f"import os, struct\nsent = {sent!r}.encode()\nos.write(1, struct.pack('>Q', len(sent)) + sent)\nf(1)"
    verdict = verify_code(json.dumps({"kind": "assert", "tests": [tests]}), RIGHT, TIGHT)
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")
    assert ("bytes" in verdict.detail) == (len(sent) > 1 << 20)


def test_a_program_may_have_as_many_threads_as_its_limit() -> None:
    """22 beside its first one and the harness, each with memory of its own."""
    program = (
        "import threading\ngo, barrier = threading.Event(), threading.Barrier(23)\n"
        "def work():\n    barrier.wait()\n    data = bytearray(1000)\n    go.wait()\n"
        "threads = [threading.Thread(target=work) for _ in range(22)]\n"
        "for thread in threads: thread.start()\nbarrier.wait()\ngo.set()\nfor thread in threads: thread.join()\n"
    )
    verdicts = [verify_code(TASK, program + RIGHT, replace(TIGHT, memory_mib=1024)) for _ in range(3)]
    assert [verdict.outcome for verdict in verdicts] == ["pass"] * 3, verdicts


def test_missing_bubblewrap_is_an_input_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get install bubblewrap"):
        verify_code(TASK, RIGHT)


def test_a_sandbox_that_cannot_start_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A `bwrap` that refuses, as one does where namespaces are forbidden."""
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    verdict = verify_code(TASK, RIGHT)
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")
    assert "namespace" in verdict.detail


def test_a_killed_harness_is_unknown() -> None:
    with sandbox(TIGHT) as box:
        box.send({"kind": "stdio", "program": "print(1)", "before": []})
        (inside,) = Path(f"/proc/{box.process.pid}/task/{box.process.pid}/children").read_text().split()
        os.kill(int(inside), signal.SIGKILL)
        with pytest.raises(SandboxFailed):
            box.receive(5)
    assert not leftovers()


def test_a_host_that_is_killed_takes_its_sandbox_along() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with sandbox(TIGHT) as box:
            box.send({"kind": "stdio", "program": "import time\nprint(1, flush=True)\ntime.sleep(1000)", "before": []})
            box.send({"input": ""})
            box.send({"most": 1 << 20})
            time.sleep(1)
            os.write(writing, b"1")
            time.sleep(1000)
    os.read(reading, 1)
    while_it_lives = leftovers()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert while_it_lives
    deadline = time.monotonic() + 5
    while leftovers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not leftovers()


def test_nothing_of_the_host_is_visible() -> None:
    program = (
        "import os\nprint(sorted(os.listdir('/')), os.path.exists('/proc'), dict(os.environ), os.listdir('/tmp'), "
        f"os.getuid() not in (0, {os.getuid()}), os.getpid() < 10)"
    )
    with sandbox(TIGHT) as box:
        box.send({"kind": "stdio", "program": program, "before": []})
        box.send({"input": ""})
        box.send({"most": 1 << 20})
        seen = box.receive(5)["stdout"]
    listing, _, rest = seen.partition("] ")
    assert not {"work", "home", "etc", "proc", "sys", "var"} & set(eval(listing + "]")), seen
    assert rest.split() == ["False", "{}", "[]", "True", "True"]


def test_verdicts_do_not_depend_on_how_many_run_at_once() -> None:
    """A program that takes 60 % of its CPU limit, one past it, a right and a wrong one: alone and eight at a time."""
    burn = "import time\nwhile time.process_time() < {}: pass\n"
    programs = [burn.format(0.6) + RIGHT, burn.format(9) + RIGHT, RIGHT, "def f(x): return x"] * 2
    limits = Limits(cpu_s=1)
    alone = [verify_code(TASK, program, limits) for program in programs[:4]] * 2
    together: list[object] = [None] * len(programs)

    def judge(at: int) -> None:
        together[at] = verify_code(TASK, programs[at], limits).outcome

    threads = [threading.Thread(target=judge, args=(at,)) for at in range(len(programs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [verdict.outcome for verdict in alone] == ["pass", "fail", "pass", "fail"] * 2


def test_a_starved_program_is_undecided() -> None:
    """It gets a ninth of a processor, and has used a fraction of its CPU limit when the wall limit is reached."""
    busy = [sys.executable, "-c", "while True: pass"]
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    others = [subprocess.Popen(busy) for _ in range(8)]
    try:
        verdict = verify_code(TASK, f"while True: pass\n{RIGHT}", Limits(cpu_s=2, wall_s=4))
    finally:
        os.sched_setaffinity(0, allowed)
        for other in others:
            other.kill()
            other.wait()
    assert (verdict.outcome, verdict.reason) == SLOW, verdict


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; as an ordinary user all tests are it")
def test_works_as_an_ordinary_user(tmp_path: Path) -> None:
    """The same code under another user id, with an interpreter and sources that user may read."""
    code = Path(sandbox_module.__file__).parent
    folder = tmp_path / "source"
    shutil.copytree(code, folder / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    for part in (tmp_path, folder, *folder.rglob("*"), *tmp_path.parents):
        if part.is_relative_to("/tmp") and part != Path("/tmp"):
            part.chmod(part.stat().st_mode | 0o055)
    ordinary_user(folder)


def ordinary_user(folder: Path) -> None:
    """In a fork, so that the interpreter, which may lie in root's home, is open already."""
    import filters.verifiers.code_answer  # noqa: F401  all it needs is loaded

    sandbox_module.__file__ = str(folder / "sandbox" / "host.py")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            sys.base_prefix = "/usr" if Path(sys.base_prefix).is_relative_to("/root") else sys.base_prefix
            os.setgroups([])
            os.setresgid(12345, 12345, 12345)
            os.setresuid(12345, 12345, 12345)
            verdicts = [verify_code(TASK, text, TIGHT) for text in (RIGHT, "f = abs", HOSTILE["fork_bomb_in_call"][0])]
            os.write(writing, json.dumps([[verdict.outcome, verdict.detail] for verdict in verdicts]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    outcomes = json.loads(os.read(reading, 10000))
    assert [outcome for outcome, _ in outcomes] == ["pass", "fail", "fail"], outcomes
    assert "BlockingIOError" in outcomes[2][1]  # the limit on processes

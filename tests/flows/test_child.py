"""Stages run in separate processes: their results, their progress, and every way in which they can end."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from flows.run.child import StageFailed, run_in_child
from flows.run.compiler_cache import check_compiler_cache
from flows.run.progress import Progress, Update
from flows.run.zygote import Zygote
from records.errors import InputError

Report = Callable[..., None]


# What the children run: imported there by name.
def add(left: int, right: int, progress: Report) -> int:
    progress(1, 2, accepted=1)
    progress(2, 2, accepted=2)
    return left + right


def mistake(progress: Report) -> None:
    raise InputError("rows.jsonl:3: no such column")


def fill_the_disk(progress: Report) -> None:
    Path("/dev/full").write_text("x" * 100_000)


def miss_a_file(progress: Report) -> None:
    Path("nowhere.parquet").read_bytes()


def may_not_write(progress: Report) -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/data/out")


def find_no_hub(progress: Report) -> None:
    try:
        raise ConnectionError("could not resolve the host")
    except ConnectionError as error:
        raise OSError("owner/name is not a local folder, and the hub cannot be reached") from error


def say_the_disk_is_full_otherwise(progress: Report) -> None:
    raise RuntimeError("SafetensorError: I/O error: No space left on device (os error 28)")


def meet_an_odd_error(progress: Report) -> None:
    raise OSError("the tape is torn")


def tell_about_it(progress: Report) -> dict[str, Any]:
    return {"pid": os.getpid(), "variable": os.environ.get("OF_THE_STAGE"), "loaded": "colorsys" in sys.modules}


def end_the_zygote(progress: Report) -> int:
    zygote = os.getppid()
    os.kill(zygote, signal.SIGKILL)
    while os.getppid() == zygote:
        time.sleep(0.01)
    return 7


def bug(progress: Report) -> None:
    print("what led to it")
    raise KeyError("bug")


def die(number: int, progress: Report) -> None:
    os.kill(os.getpid(), number)


def read_variables(progress: Report) -> int:
    return sum(len(value) for name, value in os.environ.items() if name.startswith("LARGE_"))


def compile_into(progress: Report) -> str:
    return os.environ["TORCHINDUCTOR_CACHE_DIR"]


def which_are_set(names: list[str], progress: Report) -> list[str]:
    return [name for name in names if name in os.environ]


def leave_a_process(file: str, progress: Report) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(file).write_text(str(process.pid))


def run(folder: Path, function: Callable[..., Any], update: Any = lambda news: None, **arguments: Any) -> Any:
    return run_in_child(function, arguments, log=folder / "stage.log", update=update)


def test_the_result_and_the_progress_come_back(tmp_path: Path) -> None:
    news: list[Update] = []
    assert run(tmp_path, add, left=2, right=3, update=news.append) == 5
    assert news[-1][0] == 1.0
    assert "accepted 2" in news[-1][1]


def test_nothing_is_compiled_into_a_folder_that_another_user_could_have_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run(tmp_path, compile_into) == str(tmp_path / "retort" / "torchinductor")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "/own")
    assert run(tmp_path, compile_into) == "/own"


def test_the_imports_before_the_fork_make_no_such_folder_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    zygote = Zygote()
    zygote.start()
    assert zygote.process is not None
    while not (environment := Path(f"/proc/{zygote.process.pid}/environ").read_text().split("\0"))[0]:
        pass  # it is empty for a moment while the program starts
    zygote.requests.close()
    zygote.process.wait(60)
    assert f"TORCHINDUCTOR_CACHE_DIR={tmp_path / 'retort' / 'torchinductor'}" in environment


def test_a_cache_that_cannot_be_made_is_told_before_any_work(tmp_path: Path) -> None:
    """As in a container of any user, whose home is /. torch could not be imported, and said so by an AssertionError."""
    check_compiler_cache({"XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert (tmp_path / "cache" / "retort" / "torchinductor").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/retort/torchinductor: .*; set XDG_CACHE_HOME to a folder"):
        check_compiler_cache({"XDG_CACHE_HOME": str(tmp_path / "file")})


def test_the_users_mistake_comes_back_as_such(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^rows.jsonl:3: no such column$"):
        run(tmp_path, mistake)


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No space left on device.*free space.*run the same command again"):
        run(tmp_path, fill_the_disk)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (miss_a_file, r"No such file or directory: 'nowhere.parquet': correct its path"),
        (may_not_write, r"Permission denied: '/data/out': correct the permissions"),
        (find_no_hub, r"the hub cannot be reached: check the network"),
        (say_the_disk_is_full_otherwise, r"No space left on device.*: free space"),
    ],
)
def test_an_error_of_the_system_says_what_it_was_and_what_helps(
    tmp_path: Path, function: Callable[..., Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        run(tmp_path, function)
    assert ("free space" in str(error.value)) == ("No space left" in str(error.value))


def test_an_error_that_nothing_is_known_of_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match=r"(?s)OSError: the tape is torn.*last lines of") as error:
        run(tmp_path, meet_an_odd_error)
    assert "free space" not in str(error.value)


def test_every_stage_has_a_process_of_its_own_with_its_variables_and_libraries(tmp_path: Path) -> None:
    one = run_in_child(tell_about_it, {}, log=tmp_path / "log", update=print, variables={"OF_THE_STAGE": "1"})
    other = run_in_child(tell_about_it, {}, log=tmp_path / "log", update=print, preload=("colorsys",))
    assert one["pid"] != other["pid"] != os.getpid()
    assert (one["variable"], other["variable"]) == ("1", None)
    assert other["loaded"]


def test_a_library_that_is_not_there_is_left_to_the_stage(tmp_path: Path) -> None:
    arguments = {"left": 2, "right": 3}
    assert run_in_child(add, arguments, log=tmp_path / "log", update=print, preload=("no_such_module",)) == 5


def test_a_stage_outlives_its_zygote_and_the_next_one_gets_another(tmp_path: Path) -> None:
    assert run(tmp_path, end_the_zygote) == 7
    assert run(tmp_path, add, left=2, right=3) == 5


def test_a_bug_brings_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match=r"(?s)KeyError: 'bug'.*what led to it"):
        run(tmp_path, bug)


@pytest.mark.parametrize(("number", "name"), [(signal.SIGKILL, "SIGKILL"), (40, "40")])
def test_a_killed_stage_names_the_signal(tmp_path: Path, number: int, name: str) -> None:
    with pytest.raises(StageFailed, match=rf"ended with signal {name}\b"):
        run(tmp_path, die, number=number)


def test_an_environment_of_any_size_reaches_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):  # a message between processes holds 208 KiB, one variable 128 KiB
        monkeypatch.setenv(f"LARGE_{number}", "x" * 100_000)
    assert run(tmp_path, read_variables) == 600_000


def test_what_another_launcher_left_does_not_reach_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a shell of Slurm's, torchrun's, mpirun's or accelerate's, whose batch and precision it would train with."""
    left = ["WORLD_SIZE", "RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_USE_AGENT_STORE"]
    left += ["PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "ACCELERATE_MIXED_PRECISION"]
    others = ["CUDA_VISIBLE_DEVICES", "NCCL_DEBUG"]
    for name in left + others:
        monkeypatch.setenv(name, "4")
    assert run(tmp_path, which_are_set, names=left + others) == others


def test_a_process_that_was_never_forked_is_not_ended(tmp_path: Path) -> None:
    """The zygote was killed before it forked. Its group would be number 0, which is the caller's own."""
    code = (
        "import os; from flows.run.zygote import NO_STATUS, Forked; reading, writing = os.pipe(); os.close(writing); "
        "one = Forked(reading); one.end_group(0.1); assert one.wait() == NO_STATUS; print('lives')"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, start_new_session=True, check=False)
    assert (done.returncode, done.stdout) == (0, "lives\n"), done.stderr


def test_a_link_in_place_of_the_log_is_not_written_to(tmp_path: Path) -> None:
    victim, logs = tmp_path / "victim", tmp_path / "logs"
    victim.mkdir()
    logs.symlink_to(victim)
    with pytest.raises(InputError, match=rf"^{logs}: is a link, and the run would write to {victim}; remove it$"):
        run_in_child(add, {"left": 2, "right": 3}, log=logs / "stage.log", update=print)
    logs.unlink()
    logs.mkdir()
    (victim / "file").touch()
    (logs / "stage.log").symlink_to(victim / "file")
    with pytest.raises(InputError, match="is a link"):
        run_in_child(bug, {}, log=logs / "stage.log", update=print)
    assert (victim / "file").read_bytes() == b""


def test_no_process_of_a_stage_outlives_it(tmp_path: Path) -> None:
    run(tmp_path, leave_a_process, file=str(tmp_path / "pid"))
    left = Path("/proc") / (tmp_path / "pid").read_text()
    deadline = time.monotonic() + 10
    while left.exists() and "Z" not in (left / "stat").read_text().split(")")[1][:3]:
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.05)


def test_progress_is_rare_and_ends_with_the_last() -> None:
    lines: list[Update] = []
    progress = Progress(lines.append, every_s=60)
    for done in range(1, 1001):
        progress(done, 1000, accepted=done // 2)
    assert len(lines) <= 3
    assert lines[-1][0] == 1.0
    assert lines[-1][1].startswith("1,000/1,000 (100%)")
    assert lines[-1][1].endswith("accepted 500")


def test_the_rate_is_that_of_the_work_at_hand() -> None:
    lines: list[tuple[float | None, str]] = []
    progress = Progress(lines.append, every_s=0)
    progress(2000, 3000)
    progress(3000, 3000)
    for done in (0, 50, 100):
        time.sleep(0.01)
        progress(done, 200)
    assert "ETA -" not in lines[-1][1]
    assert "/s" in lines[-1][1]
    assert [line for _, line in lines if "/s" not in line][-1].startswith("0/200")

"""A program that ends itself by SIGKILL has failed, unless the machine may have killed it for want of memory."""

import json
from pathlib import Path

import pytest

from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.sandbox import harness, host_memory
from filters.verifiers.programs.sandbox.host_memory import LOW_SHARE, may_have_killed, oom_kills
from filters.verifiers.programs.sandbox.limits import Limits
from records.rows import Verdict

TIGHT = Limits(cpu_s=1, memory_mib=256, total_memory_mib=512, wall_s=5)
ASSERTS = json.dumps({"kind": "assert", "tests": ["assert f(1) == 2"]})
STDIO = json.dumps({"kind": "stdio", "inputs": ["1\n"], "outputs": ["2\n"]})
KILLS = "import os, signal\n{}os.kill(os.getpid(), signal.SIGKILL)\n"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The kernel's figures, as files that a test can change: half of the memory is free."""
    for name in ("COUNTERS", "AMOUNTS"):
        monkeypatch.setattr(host_memory, name, tmp_path / name)
    (tmp_path / "COUNTERS").write_text("pgfault 99\noom_kill 5\n")
    (tmp_path / "AMOUNTS").write_text("MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 500 kB\n")
    return tmp_path


def verdict_of(extra: str) -> Verdict:
    return verify_code(extra, KILLS.format("def f(x): " if extra == ASSERTS else ""), TIGHT)


@pytest.mark.parametrize("extra", [ASSERTS, STDIO])
def test_a_program_that_kills_itself_has_failed(machine: Path, extra: str) -> None:
    verdict = verdict_of(extra)
    assert (verdict.outcome, verdict.reason, verdict.detail) == ("fail", "tests_failed", "killed by SIGKILL")


@pytest.mark.parametrize("extra", [ASSERTS, STDIO])
def test_where_memory_is_low_nothing_is_said(machine: Path, extra: str) -> None:
    (machine / "AMOUNTS").write_text("MemTotal: 1000 kB\nMemAvailable: 99 kB\n")
    verdict = verdict_of(extra)
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")


def test_what_the_kernel_counts_decides(machine: Path) -> None:
    assert not may_have_killed(oom_kills())
    assert may_have_killed(4)
    assert may_have_killed(None)
    for kib, short in ((99, True), (100, False)):
        (machine / "AMOUNTS").write_text(f"MemTotal: 1000 kB\nMemAvailable: {kib} kB\n")
        assert LOW_SHARE == 0.1
        assert may_have_killed(5) == short
    (machine / "COUNTERS").unlink()
    assert oom_kills() is None
    assert may_have_killed(5)


def test_this_machine_says_both() -> None:
    assert oom_kills() is not None
    assert may_have_killed(oom_kills()) in (False, True)


def test_a_child_without_limits_never_runs_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(limits: object) -> None:
        raise OSError("no limits")

    monkeypatch.setattr(harness, "limit_child", refused)
    with pytest.raises(harness.NotStarted):
        harness.forked({}, [0, 1, 2], (tmp_path / "ran").touch)
    assert not (tmp_path / "ran").exists()

"""After `kill -9` of servers or client in mid-run nothing is lost, nothing comes twice, and work continues."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from conftest import ROOT
from sampling_makers import contents, traces_in, write_problems
from server_makers import draw, draw_with, make_request, make_sampler, make_teacher, sample, server_process

from records.counts import SamplingCounts
from teacher.servers.fake import FakeServer

LATENCY = ("--latency-s", "0.02")
KILLS = 5
CLIENT = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from server_makers import make_teacher, sample
folder, problems, url = sys.argv[1:]
sample(Path(folder), Path(problems), make_teacher(url, max_in_flight=16))
"""


def test_one_of_two_servers_is_killed_and_comes_back() -> None:
    requests = list(map(make_request, range(1500)))
    with FakeServer() as server:
        whole = draw(make_teacher(server.url), requests)
    with server_process(*LATENCY) as (first, url), server_process(*LATENCY) as (_, other):
        sampler = make_sampler(make_teacher(url, other, max_in_flight=8, max_backoff_s=0.5))
        killed, second = sampler.fleet.endpoints.all
        threading.Timer(0.3, first.kill).start()
        got = draw_with(sampler, requests[:700])
        assert killed.unhealthy
        before, meanwhile = killed.served, second.served
        assert 0 < before < meanwhile
        with server_process("--port", url.split(":")[2].removesuffix("/v1"), *LATENCY):
            got |= draw_with(sampler, requests[700:])
        sampler.close()
    assert got == whole
    assert killed.served > before + 50


def test_the_only_server_is_killed_and_its_requests_wait_for_the_next_one(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 200)
    with FakeServer() as server:
        sample(tmp_path / "whole", problems, make_teacher(server.url))
    with server_process(*LATENCY) as (process, url):
        teacher = make_teacher(url, max_in_flight=8, retries=2)
        counts: list[SamplingCounts] = []
        stage = threading.Thread(target=lambda: counts.append(sample(tmp_path / "out", problems, teacher)))
        stage.start()
        time.sleep(0.5)
        process.kill()
        time.sleep(1)
        with server_process("--port", url.split(":")[2].removesuffix("/v1"), *LATENCY):
            stage.join(20)
    assert not stage.is_alive()
    assert counts[0].engine
    assert counts[0].engine.times_unhealthy >= 1
    assert counts[0].failed == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_the_client_is_killed_at_any_instant_and_the_next_one_goes_on(tmp_path: Path) -> None:
    problems, folder = write_problems(tmp_path / "problems", 700), tmp_path / "out"
    instants = random.Random(0)
    with FakeServer(latency_s=0.02) as server:
        command = [sys.executable, "-c", CLIENT, str(folder), str(problems), server.url]
        for _ in range(KILLS):
            asked, process = server.requests, subprocess.Popen(command, cwd=ROOT)
            while server.requests == asked:
                assert process.poll() is None
                time.sleep(0.002)
            time.sleep(instants.uniform(0, 0.3))
            process.kill()
            assert process.wait() == -signal.SIGKILL
        sample(folder, problems, make_teacher(server.url))
        # Drawn again is what was in flight, and what had come but was not in the journal yet.
        assert server.requests <= 3 * 700 + KILLS * 2 * 16
        sample(tmp_path / "whole", problems, make_teacher(server.url))
    traces = traces_in(folder)
    assert len({(trace.problem_id, trace.attempt, trace.sample_index) for trace in traces}) == len(traces) == 3 * 700
    assert contents(folder) == contents(tmp_path / "whole")

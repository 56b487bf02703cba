"""Servers that a stage starts. The fake server stands in for `vllm serve`, which one slow test runs."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import ROOT, exists, wait_until_gone
from pydantic import ValidationError
from server_makers import draw_with, make_request

from configs.serve_arguments import ALLOWED
from configs.servers import ServerTeacher
from flows.run.watcher import end_with
from records.errors import InputError
from teacher.servers.fake import FakeServer
from teacher.servers.local_servers import LocalServer, LocalServers
from teacher.servers.sampler import ServerSampler
from teacher.servers.serve_command import arguments_of, environment_of, flags

# Takes of vllm serve's arguments what the fake server knows too.
STAND_IN = """
import os, sys
from teacher.servers.fake import main
known = [word for name in ("--port", "--served-model-name") for word in (name, sys.argv[sys.argv.index(name) + 1])]
sys.exit(main(["--latency-s", "0.02", "--api-key", os.environ["VLLM_API_KEY"], *known]))
"""
FAKE = (sys.executable, "-c", STAND_IN)
SCRIPT = """
import sys, time
from pathlib import Path
from configs.serve_arguments import ALLOWED
from configs.servers import ServerTeacher
from flows.run.watcher import end_with
from teacher.servers.local_servers import LocalServers
teacher = ServerTeacher(kind="server", name="t", model="fake-model", serve={"path": "a/b", "gpus": [[]]})
servers = LocalServers(teacher, Path(sys.argv[1]), end_with, tuple(sys.argv[2:]))
servers.start()
print(servers.servers[0].process.pid, flush=True)
time.sleep(60)
"""


def make_teacher(count: int = 1, **changes: object) -> ServerTeacher:
    serve = {"path": "owner/name", "gpus": [[]] * count} | changes
    return ServerTeacher.model_validate({"kind": "server", "name": "t", "model": "my-model", "serve": serve})


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def sampler(tmp_path: Path) -> Iterator[ServerSampler]:
    sampler = ServerSampler(make_teacher(2), tmp_path / "logs" / "sample", end_with, FAKE)
    yield sampler
    sampler.close()


def test_servers_are_started_used_and_stopped(sampler: ServerSampler, tmp_path: Path) -> None:
    assert sampler.local_servers
    pids = [server.process.pid for server in sampler.local_servers.servers]
    got = draw_with(sampler, map(make_request, range(50)))
    assert {completion.finish_reason for completion in got.values()} == {"stop"}
    assert [endpoint.served > 10 for endpoint in sampler.fleet.endpoints.all] == [True, True]
    sampler.close()
    assert not any(map(exists, pids))
    assert {log.name for log in (tmp_path / "logs").iterdir()} == {"sample.server-0.log", "sample.server-1.log"}


def test_another_user_of_the_machine_is_refused(sampler: ServerSampler) -> None:
    assert sampler.local_servers
    server = sampler.local_servers.servers[0]
    assert sampler.local_servers.key not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{server.url}/models", timeout=5)
    own = urllib.request.Request(
        f"{server.url}/models", headers={"Authorization": f"Bearer {sampler.local_servers.key}"}
    )
    assert urllib.request.urlopen(own, timeout=5).status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_who_answers_in_a_server_s_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    other = os.fork()
    if not other:
        os.setuid(12345)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            os.write(writing, b"%d" % listener.getsockname()[1])
            while True:
                with listener.accept()[0] as connection:
                    connection.recv(1000)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    try:
        port = int(os.read(reading, 10))
        monkeypatch.setattr("teacher.servers.local_servers.free_port", lambda: port)
        slow = (sys.executable, "-c", "import time; time.sleep(60)")  # as vllm serve imports what it needs
        local = LocalServers(make_teacher(), tmp_path / "log", end_with, slow)
        with pytest.raises(InputError, match=f"port {port}: user 12345 answers there"):
            local.start()
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)


def test_a_server_that_was_killed_is_started_again(sampler: ServerSampler) -> None:
    assert sampler.local_servers
    for server in sampler.local_servers.servers:
        os.kill(server.process.pid, signal.SIGKILL)
    got = draw_with(sampler, map(make_request, range(30)))
    assert {completion.finish_reason for completion in got.values()} == {"stop"}
    assert sum(server.restarts for server in sampler.local_servers.servers) >= 1


def test_a_server_that_keeps_dying_ends_the_run(tmp_path: Path) -> None:
    local = LocalServers(make_teacher(), tmp_path / "log", end_with, FAKE)
    (url,) = local.start()
    for _ in range(3):
        kill(local.servers[0].process)
        local.restart(url)
    local.restart(url)  # it lives
    kill(local.servers[0].process)
    with pytest.raises(InputError, match="died 4 times"):
        local.restart(url)
    local.stop()


@pytest.mark.parametrize(
    ("code", "ready_timeout_s", "why"),
    [
        (
            "print('usage: vllm serve'); print('error: unrecognized arguments: --foo'); exit(2)",
            60,
            "ended with exit code 2",
        ),
        ("import time; print('loading', flush=True); time.sleep(60)", 1, "not ready after 1 s"),
    ],
)
def test_a_server_that_does_not_come_up(tmp_path: Path, code: str, ready_timeout_s: float, why: str) -> None:
    teacher = make_teacher(ready_timeout_s=ready_timeout_s)
    local = LocalServers(teacher, tmp_path / "log", end_with, (sys.executable, "-c", code))
    with pytest.raises(InputError) as caught:
        local.start()
    message = str(caught.value)
    assert why in message
    assert "log.server-0.log ends in: " in message
    assert ("unrecognized arguments: --foo" in message) or ("loading" in message)
    assert "\n" not in message
    assert local.servers == []


def test_a_server_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teacher.servers.local_servers.GRACE_S", 0.2)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    local = LocalServers(make_teacher(), tmp_path / "log", end_with, (sys.executable, "-c", code))
    process = local.launch(0, 1, [])
    local.servers.append(LocalServer(0, 1, [], process))
    while "deaf" not in local.log_of(0).read_text():
        time.sleep(0.02)
    stopping = threading.Thread(target=local.stop, daemon=True)
    stopping.start()
    stopping.join(30)
    assert process.returncode == -signal.SIGKILL


def test_servers_do_not_outlive_their_stage(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "log"), *FAKE]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    pid = int(process.stdout.readline())
    assert exists(pid)
    process.kill()
    process.wait()
    wait_until_gone(pid)


def test_arguments_are_those_of_vllm_serve() -> None:
    assert list(flags({"a": 1, "b": True, "c": False, "d": None, "e": [1, "x"], "f": {"g": 1}, "h": "i"})) == [
        *["--a", "1", "--b", "--no-c", "--e", "1", "x", "--f", '{"g": 1}', "--h", "i"]
    ]


def test_a_server_gets_the_config() -> None:
    teacher = make_teacher(gpus=[[0, 1], [2, 3]], arguments={"reasoning-parser": "deepseek_r1"})
    assert teacher.serve
    path, *rest = arguments_of(teacher, teacher.serve, 8101, [2, 3])
    assert path == "owner/name"
    given = " ".join(rest)
    for part in ("--tensor-parallel-size 2", "--served-model-name my-model", "--reasoning-parser deepseek_r1"):
        assert part in given


def test_a_server_gets_its_gpus_of_those_that_are_left_and_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    serve = make_teacher().serve
    assert serve
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert environment_of(serve, [2, 3], "")["CUDA_VISIBLE_DEVICES"] == "2,3"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,GPU-8932f937,6")
    monkeypatch.setenv("VLLM_API_KEY", "sk-0123456789")
    environment = environment_of(serve, [1, 2], "drawn")
    assert environment["CUDA_VISIBLE_DEVICES"] == "GPU-8932f937,6"
    assert environment["VLLM_API_KEY"] == "drawn"
    assert environment_of(serve, [], "")["CUDA_VISIBLE_DEVICES"] == ""
    for visible in ("4", ""):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        with pytest.raises(InputError, match=r"no GPU number 1; correct teacher\.serve\.gpus"):
            environment_of(serve, [1], "")


def test_a_port_that_somebody_uses_is_refused(tmp_path: Path) -> None:
    with FakeServer() as other:
        local = LocalServers(make_teacher(first_port=other.port), tmp_path / "log", end_with, FAKE)
        with pytest.raises(InputError, match=f"port {other.port}: address already in use; set teacher"):
            local.start()
    assert local.servers == []


@pytest.mark.parametrize(
    "changes", [{"arguments": {"api_key": "sk-0123456789"}}, {"arguments": {"port": 1}}, {"first_port": 65535}]
)
def test_servers_that_could_not_be_reached_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"set by Retort|leaves too few ports") as caught:
        make_teacher(2, **changes)
    assert "sk-0123456789" not in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"host=0.0.0.0": True}, "is no name of an argument"),
        ({"--host": "0.0.0.0"}, "is no name of an argument"),
        ({"x y": 1}, "is no name of an argument"),
        ({"hos": "0.0.0.0"}, "is none of those"),
        ({"api_key": "k"}, "is set by Retort"),
        ({"trust-remote-code": True}, "is none of those"),
        ({"trust_remote": True}, "is none of those"),
        ({"middleware": "os.system"}, "is none of those"),
        ({"tool-parser-plugin": "./x.py"}, "is none of those"),
        ({"kv-transfer-config.kv_connector_module_path": "x"}, "is none of those"),
        ({"log-config-file": "pair/logging.json"}, "is none of those"),
        ({"logging-config": {"pylogging_config_file": "pair/logging.json"}}, "is none of those"),
        ({"logging-config.pylogging_config_file": "pair/logging.json"}, "is none of those"),
        ({"distributed-executor-backend": "pair.Executor"}, "is none of those"),
        ({"speculative-config": {"model": "pair.Draft"}}, "is none of those"),
        ({"uds": "/tmp/socket"}, "is none of those"),
        ({"hf-token": "hf_0123"}, "is none of those"),
        ({"chat-template": "--host=0.0.0.0"}, "begins with a dash"),
        ({"cudagraph-capture-sizes": [1, "--host", "0.0.0.0"]}, "begins with a dash"),
    ],
)
def test_arguments_neither_load_code_nor_hide_others(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        make_teacher(arguments=arguments)


def test_ordinary_arguments_are_taken() -> None:
    arguments = {
        "reasoning-parser": "deepseek_r1",
        "max_num_batched_tokens": 8192,
        "cpu-offload-gb": -1,
        "hf-overrides.rope_parameters.factor": 4,
        "enforce_eager": True,
        "mamba-ssm-cache-dtype": "float32",
        "linear-backend": "auto",
    }
    assert make_teacher(arguments=arguments)


def test_vllm_knows_every_argument_that_is_taken() -> None:
    found = find_spec("vllm")
    assert found
    folder = Path(str(found.origin)).parent
    places = ("engine/arg_utils.py", "entrypoints/launchers/cli_args.py", "config/*.py")
    text = "\n".join(source.read_text() for place in places for source in folder.glob(place))
    assert [name for name in ALLOWED if name not in text and name.replace("-", "_") not in text] == []

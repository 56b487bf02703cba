"""What a run starts on this machine is reached without the proxy of the environment, and everything else through it."""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from conftest import ROOT

ASK = """
import sys
from flows.run import prefect_setup  # before prefect
import httpx
from teacher.servers.http_client import proxy_for

print(httpx.get(sys.argv[1]).status_code, proxy_for(sys.argv[1]))
print(*(proxy_for(f"http://{host}/v1") for host in ("gpu7.invalid", "127.0.0.2", "other.invalid")))
"""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.mark.parametrize(
    ("exceptions", "gpu7"),
    [
        ({}, "proxy"),
        ({"no_proxy": "gpu7.invalid"}, "None"),
        ({"NO_PROXY": "corp.invalid, gpu7.invalid"}, "None"),
        ({"NO_PROXY": "gpu7.invalid", "no_proxy": ""}, "proxy"),  # an empty one in small letters stands for none
    ],
)
def test_only_this_machine_is_reached_directly(exceptions: dict[str, str], gpu7: str) -> None:
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY"), "http://127.0.0.1:9")  # nobody listens there
    others = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, "-c", ASK, f"http://127.0.0.1:{server.server_port}/api/health"]
        done = subprocess.run(
            command, cwd=ROOT, env=others | proxies | exceptions, capture_output=True, text=True, check=True
        )
        server.shutdown()
    direct, told = done.stdout.splitlines()
    assert direct == "200 None"
    assert told.replace("http://127.0.0.1:9", "proxy").split() == [gpu7, "proxy", "proxy"]

"""The sampling stage over HTTP: a server's fault gives a row or one line, and the key reaches no file."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from command_server import CommandServer
from sampling_makers import contents, traces_in, write_problems
from server_makers import make_teacher, sample

from records.errors import InputError
from teacher.servers.fake import FakeServer

KEY = "sk-very-secret-0123456789"
ENDS = {"stop", "length", "content_filter", "tool_calls"}


@dataclass(frozen=True)
class Ended:
    """How each run of the command ended."""

    folder: Path
    with_key: CompletedProcess[str]
    with_html: CompletedProcess[str]
    html_url: str


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    return write_problems(tmp_path / "problems", 30)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RETORT_TEST_KEY", KEY)
    return "RETORT_TEST_KEY"


def holds_key(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


@pytest.mark.parametrize("stream", [False, True])
def test_every_end_of_a_completion_is_a_row(tmp_path: Path, problems: Path, stream: bool) -> None:
    forms = ["inline", "unclosed", "empty", "null", "content_filter", "tool_calls", "only_reasoning", "reasoning"]
    faults = dict(enumerate(forms * 12, 1))
    with FakeServer(faults=faults) as server:
        counts = sample(tmp_path / "out", problems, make_teacher(server.url, stream=stream))
    traces = traces_in(tmp_path / "out")
    assert len(traces) == 90
    assert {trace.finish_reason for trace in traces} == ENDS
    assert not [trace for trace in traces if trace.answer and not trace.closed]
    assert not [trace for trace in traces if trace.finish_reason != "stop" and trace.answer]
    assert counts.failed == 0


@pytest.mark.parametrize("fault", ["html", "half_json", "error_body", "no_choices", "400", "503", "cut"])
def test_what_one_request_gets_wrong_is_its_row_and_the_next_run_tries_it_again(
    tmp_path: Path, problems: Path, fault: str
) -> None:
    with FakeServer() as server:
        sample(tmp_path / "whole", problems, make_teacher(server.url))
    with FakeServer(faults={3: fault, 40: fault}) as server:
        first = sample(tmp_path / "out", problems, make_teacher(server.url, retries=0))
    drawn = traces_in(tmp_path / "out")
    reasons = Counter(trace.finish_reason for trace in drawn)
    assert reasons == {"stop": 88, "error": 2}, Counter(trace.detail for trace in drawn)
    assert first.failed == 2
    with FakeServer() as server:
        second = sample(tmp_path / "out", problems, make_teacher(server.url))
        assert server.requests == 2
    assert second.failed == 0
    assert traces_in(tmp_path / "out") == traces_in(tmp_path / "whole")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("401", "rejects the API key|requires an API key"),
        ("402", "balance or quota is used up"),
        ("quota", "balance or quota is used up"),
        ("404", "correct teacher.model"),
    ],
)
def test_what_no_request_would_fare_better_with_ends_the_run_and_keeps_what_came(
    tmp_path: Path, problems: Path, fault: str, why: str
) -> None:
    with FakeServer() as server:
        sample(tmp_path / "whole", problems, make_teacher(server.url))
    sound = 0 if fault == "404" else 50
    faults = dict.fromkeys(range(sound + 1, 200), fault)
    with FakeServer(faults=faults) as server:
        with pytest.raises(InputError, match=why) as caught:
            sample(tmp_path / "out", problems, make_teacher(server.url, max_in_flight=4))
        assert "\n" not in str(caught.value)
        server.faults, server.requests = {}, 0
        sample(tmp_path / "out", problems, make_teacher(server.url))
        assert server.requests <= 90 - sound + 2 * 4
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("stream", [False, True])
def test_the_key_is_in_no_file_while_the_stage_runs_or_after(
    tmp_path: Path, problems: Path, key: str, stream: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    faults = {**dict.fromkeys(range(3, 30, 5), "echo"), **dict.fromkeys(range(60, 200), "401")}
    with FakeServer(key=KEY, faults=faults) as server:
        teacher = make_teacher(server.url, api_key_env=key, retries=0, stream=stream)
        with pytest.raises(InputError) as caught:
            sample(tmp_path / "out", problems, teacher)
        assert list((tmp_path / "out").rglob("*.jsonl"))
        assert holds_key(tmp_path) == []
        assert KEY not in str(caught.value) + repr(caught.value.__context__) + repr(caught.value.__cause__)
        server.faults = {}
        sample(tmp_path / "out", problems, teacher)
    assert holds_key(tmp_path) == []
    assert KEY not in "".join(capfd.readouterr())


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, commands: CommandServer) -> Ended:
    """Two runs of the whole command: with a key that the server echoes, and with an address that is no API's. The fake
    server's answers are no solutions, so the first ends after judging. Neither looks for traces where the other is."""
    folder = tmp_path_factory.mktemp("commands")
    echoing = FakeServer(key=KEY, form="unclosed", faults=dict.fromkeys(range(5, 25), "echo"))
    with echoing as first, FakeServer(faults={"all": "html"}) as second:
        asked = run_with(folder / "key" / "run", first.url, "teacher.api_key_env=RETORT_TEST_KEY")
        with_key = commands.run(*asked, RETORT_TEST_KEY=KEY)
        with_html = commands.run(*run_with(folder / "html" / "run", second.url))
    return Ended(folder, with_key, with_html, second.url)


def run_with(folder: Path, url: str, *overrides: str) -> list[str]:
    """Return the arguments of a run."""
    teacher = f"teacher={{kind: server, name: t, model: fake-model, base_urls: ['{url}'], retries: 1, backoff_s: 0.01}}"
    return ["distill", "configs/demo/fake.yaml", f"run_dir={folder}", teacher, "problems.0.size=20", *overrides]


def test_the_command_with_a_key(ended: Ended) -> None:
    output = ended.with_key.stdout + ended.with_key.stderr
    assert ended.with_key.returncode == 2
    assert "error: " in output
    assert "no trace was accepted" in output
    assert "Traceback" not in output
    assert KEY not in output
    assert list(ended.folder.glob("key/run/sample-*/manifest.json"))
    assert holds_key(ended.folder) == []


def test_the_command_ends_in_one_line(ended: Ended) -> None:
    output = ended.with_html.stdout + ended.with_html.stderr
    assert ended.with_html.returncode == 2
    assert "Traceback" not in output
    assert [line for line in output.splitlines() if line.startswith("error: ")] == [
        f"error: {ended.html_url}: the reply is HTML; correct teacher.base_urls: where the API begins, as in "
        "http://host:8000/v1"
    ]


@pytest.mark.parametrize(
    ("fault", "finish", "tokens"),
    [
        ("half_character", "error", 0),
        ("half_finish", "\ufffd", None),
        ("most_tokens", "stop", 2**31 - 1),
        ("too_many_tokens", "stop", 0),
        ("endless_count", "stop", 0),
        ("negative_count", "stop", 0),
    ],
)
def test_what_no_file_can_hold_becomes_a_clean_row(
    tmp_path: Path, problems: Path, fault: str, finish: str, tokens: int | None
) -> None:
    with FakeServer(faults={1: fault}) as server:
        sample(tmp_path / "out", problems, make_teacher(server.url), n=1)
    found = [trace for trace in traces_in(tmp_path / "out") if trace.finish_reason == finish]
    if tokens is None:
        assert len(found) == 1
    else:
        assert tokens in {trace.completion_tokens for trace in found}
    if fault == "half_character":
        assert [trace.detail for trace in found] == ["400 no template for \ufffd"]

"""The fake server's command prints its URL, serves, and rejects mistakes."""

import re

import pytest
import yaml
from conftest import ROOT
from server_makers import draw, make_teacher, server_process

from configs.servers import ServerTeacher
from teacher.servers.fake import FakeServer, main


def test_two_of_them_are_a_fleet_that_survives_their_faults() -> None:
    with FakeServer() as sound:
        whole = draw(make_teacher(sound.url), 60)
    with server_process("--fault", "500:5") as (_, one), server_process("--fault", "reset:7") as (_, two):
        assert draw(make_teacher(one, two, max_in_flight=4, retries=20), 60) == whole


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--fault", "500"], "'500' is not of the form NAME:N, such as 500:10"),
        (["--fault", "500:0"], "'500:0' is not of the form NAME:N"),
        (["--fault", "5x0:3"], "there is no fault '5x0'; see the list in --help"),
        (["--form", "verse"], "invalid choice: 'verse'"),
        (["--latncy-s", "1"], "unrecognized arguments"),
    ],
)
def test_a_mistake_is_refused(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert why in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer() as other:
        assert main(["--port", str(other.port)]) == 2
    assert f"error: port {other.port}: " in capsys.readouterr().err


def test_the_configs_in_the_docs_are_valid() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "servers.md").read_text(), re.DOTALL)
    teachers = [ServerTeacher.model_validate(yaml.safe_load(block)["teacher"]) for block in blocks]
    assert "fake-fleet" in {teacher.name for teacher in teachers}
    assert len(teachers) == 4

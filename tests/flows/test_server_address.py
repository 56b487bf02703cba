"""An address of a Prefect server is found where the user sets it; nothing else counts as one."""

from pathlib import Path

import pytest

from flows.run.server_address import check_prefect_home, may_have_server
from records.errors import InputError


def test_without_any_setting_there_is_none(tmp_path: Path) -> None:
    assert not may_have_server({}, tmp_path)
    assert not may_have_server({"PREFECT_API_URL": "", "PREFECT_LOGGING_LEVEL": "INFO"}, tmp_path)


@pytest.mark.parametrize("name", ["PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH"])
def test_a_variable(tmp_path: Path, name: str) -> None:
    assert may_have_server({name: "somewhere"}, tmp_path)


@pytest.mark.parametrize(
    ("name", "found"), [("PREFECT_API_URL", True), ("PREFECT_LOGGING_LEVEL", False)], ids=["address", "other"]
)
def test_a_profile(tmp_path: Path, name: str, found: bool) -> None:
    (tmp_path / ".prefect").mkdir()
    (tmp_path / ".prefect" / "profiles.toml").write_text(f'[profiles.mine]\n{name} = "http://127.0.0.1:4200/api"')
    assert may_have_server({}, tmp_path) is found


def test_profiles_in_prefects_own_home(tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text('[profiles.mine]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"')
    assert may_have_server({"PREFECT_HOME": str(tmp_path)}, tmp_path / "home")
    assert not may_have_server({"PREFECT_HOME": str(tmp_path / "other")}, tmp_path / "home")


def test_a_home_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    check_prefect_home({}, tmp_path)
    check_prefect_home({}, tmp_path / "not" / "there")
    home = tmp_path / "home"
    home.write_text("no folder")
    with pytest.raises(InputError, match=r"home/\.prefect: Prefect's temporary server keeps its database there"):
        check_prefect_home({}, home)
    check_prefect_home({"PREFECT_HOME": str(tmp_path)}, home)
    check_prefect_home({"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////elsewhere"}, home)

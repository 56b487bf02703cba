"""An address of a Prefect server is found wherever Prefect would read it; nothing else counts as one."""

from pathlib import Path

import pytest
from conftest import ROOT

from flows.run.server_address import may_have_server


def test_without_any_setting_there_is_none(tmp_path: Path) -> None:
    assert not may_have_server({}, tmp_path, tmp_path)
    assert not may_have_server({"PREFECT_API_URL": "", "PREFECT_LOGGING_LEVEL": "INFO"}, tmp_path, tmp_path)
    assert not may_have_server({}, ROOT, tmp_path), "the files of the checkout configure none"


@pytest.mark.parametrize("name", ["PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH"])
def test_a_variable(tmp_path: Path, name: str) -> None:
    assert may_have_server({name: "somewhere"}, tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("here/.env", "PREFECT_API_URL=http://127.0.0.1:4200/api", True),
        ("here/.env", "PREFECT_LOGGING_LEVEL=INFO", False),
        ("here/prefect.toml", '[api]\nurl = "http://127.0.0.1:4200/api"', True),
        ("here/prefect.toml", '[logging]\nlevel = "INFO"', False),
        ("here/pyproject.toml", '[tool.prefect.api]\nurl = "http://127.0.0.1:4200/api"', True),
        ("here/pyproject.toml", '[project]\ndependencies = ["prefect"]', False),
        ("home/.prefect/profiles.toml", '[profiles.mine]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"', True),
        ("home/.prefect/profiles.toml", '[profiles.mine]\nPREFECT_LOGGING_LEVEL = "INFO"', False),
    ],
)
def test_a_file(tmp_path: Path, file: str, text: str, found: bool) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    assert may_have_server({}, tmp_path / "here", tmp_path / "home") is found


def test_profiles_in_prefects_own_home(tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text('[profiles.mine]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"')
    assert may_have_server({"PREFECT_HOME": str(tmp_path)}, tmp_path / "here", tmp_path / "home")
    assert not may_have_server({"PREFECT_HOME": str(tmp_path / "other")}, tmp_path / "here", tmp_path / "home")

"""An address of a Prefect server is found where the user sets it, and the working directory sets none."""

from pathlib import Path

import pytest
from conftest import ROOT

from flows.run.server_address import check_working_directory, may_have_server
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prefect.toml", '[api]\nurl = "http://127.0.0.1:4200/api"'),
        ("prefect.toml", '[logging]\nconfig_path = "log.yml"'),
        ("pyproject.toml", '[tool."pr\\u0065fect".api]\nurl = "http://127.0.0.1:4200/api"'),
        ("pyproject.toml", "tool = {prefect = {profiles_path = 'mine.toml'}}"),
        (".env", "export prefect_Api_Url=http://127.0.0.1:4200/api"),
        (".env", "PREFECT_LOGGING_SETTINGS_PATH=log.yml"),
    ],
)
def test_the_working_directory_configures_no_prefect(name: str, text: str, tmp_path: Path) -> None:
    """Its server would get the key of the user's profile; its logging configuration calls what it names."""
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="has settings for Prefect, and the working directory may be somebody else's"):
        check_working_directory(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prefect.toml", "# nothing yet\n"),
        ("pyproject.toml", '[project]\ndependencies = ["prefect"]\n[tool.ruff]\nline-length = 120'),
        (".env", "OPENAI_API_KEY=x\nDATABASE=prefect"),
    ],
)
def test_other_files_of_a_working_directory(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    check_working_directory(tmp_path)
    check_working_directory(ROOT)


def test_a_file_that_prefect_could_not_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(InputError, match=r"pyproject\.toml: Prefect reads it, and it is not TOML"):
        check_working_directory(tmp_path)

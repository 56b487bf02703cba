"""The import rule of the house, checked on the ast of every file; configs and records import nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from source_tree import OURS, SHARED, STAGES, imported, sources

MAY_IMPORT = {name: {name} | SHARED for name in STAGES}
MAY_IMPORT |= {name: {name} for name in SHARED}
MAY_IMPORT |= {"flows": {"flows"} | STAGES | SHARED, "bench": OURS}
HEAVY = ["torch", "vllm", "transformers", "trl", "peft", "prefect", "datasets", "reasoning_gym", "math_verify"]


def package_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0]


def importers(package: str) -> set[str]:
    """Files outside bench that import a package, as paths from the root."""
    files = [file for file in sources() if package_of(file) != "bench"]
    return {
        str(file.relative_to(ROOT)) for file in files if any(name.split(".")[0] == package for name in imported(file))
    }


def test_the_rule_sees_the_files() -> None:
    assert len(sources()) > 10
    assert any("configs.schema" in name for file in sources() for name in imported(file))


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_one_way(file: Path) -> None:
    ours = {name.split(".")[0] for name in imported(file)} & OURS
    assert ours <= MAY_IMPORT[package_of(file)]


def test_records_and_configs_import_nothing_heavy() -> None:
    for package in HEAVY:
        assert not {file for file in importers(package) if file.startswith(("records/", "configs/"))}


def test_one_dependency_one_place() -> None:
    assert all(file.startswith("flows/") for file in importers("prefect"))
    assert importers("vllm") <= {"teacher/engines/vllm_engine.py"}
    assert all(file.startswith("student/") for file in importers("trl") | importers("peft"))
    assert importers("aiohttp") <= {"teacher/servers/http_client.py"}
    assert importers("bitsandbytes") == set()  # only through transformers, and through vLLM's plugin
    assert all(file.startswith("student/export/gguf") for file in importers("gguf"))
    assert importers("math_verify") <= {"filters/verifiers/math_answer.py"}
    assert importers("datasketch") <= {"filters/selection/near_duplicates.py"}
    assert importers("py3langid") <= {"filters/rules/language.py"}


def test_quantization_is_configured_in_one_place() -> None:
    files = [file for file in sources() if package_of(file) != "bench"]
    named = {str(file.relative_to(ROOT)) for file in files if "BitsAndBytesConfig" in file.read_text()}
    places = {"student/export/quantized.py", "student/methods/adapters.py"}
    assert named <= places | {"records/quantization.py"}
    assert {name for name in named if "load_in_4bit" in (ROOT / name).read_text()} == {"records/quantization.py"}


def test_importing_records_and_configs_pulls_in_nothing_heavy() -> None:
    files = [file.relative_to(ROOT) for name in sorted(SHARED) for file in sorted((ROOT / name).glob("*.py"))]
    modules = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]
    assert {"configs.load", "records.artifact"} <= set(modules)
    code = f"import sys, {', '.join(modules)}; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_what_every_command_and_every_stage_imports_to_begin_is_light() -> None:
    heavy = [*HEAVY, "scipy", "matplotlib", "pandas"]
    code = f"import sys, flows.distill, flows.run.parts; print(sorted(set({heavy!r}) & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_test_file_is_collected_alone() -> None:
    """What several share stands in a module on the tests' path, or beside them: pytest adds a test's own folder."""
    tests = ROOT / "tests"
    home = {file.stem: file.parent for file in tests.rglob("*.py")}
    shared = {
        (file.name, name)
        for file in tests.rglob("*.py")
        for name in {full.split(".")[0] for full in imported(file)} & home.keys()
        if name.startswith("test_") or home[name] not in (tests, file.parent)
    }
    assert not shared
    assert home["conftest"] == tests

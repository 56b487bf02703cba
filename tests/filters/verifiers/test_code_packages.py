"""Programs may import the packages that the config names, and no others; what tests compare is plain all the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from configs.judging import CodeLimits
from filters.verifiers.code_answer import limits_of, verify_code
from filters.verifiers.programs.packages import places_of
from filters.verifiers.programs.sandbox.limits import Limits
from records.errors import InputError
from records.rows import Verdict

NUMPY = Limits(packages=("numpy",))


def judged(program: str, tests: dict[str, Any] | list[str], limits: Limits = NUMPY) -> Verdict:
    extra = json.dumps({"tests": tests})
    return verify_code(extra, f"```python\n{program}\n```", limits)


@pytest.mark.parametrize(("limits", "outcome"), [(NUMPY, "pass"), (Limits(), "fail")])
def test_a_script_imports_what_the_config_names(limits: Limits, outcome: str) -> None:
    program = "import numpy as np\na = np.array(list(map(int, input().split())))\nprint(np.linalg.norm(a), a.sum())"
    verdict = judged(program, {"inputs": ["3 4"], "outputs": ["5.0 7"]}, limits)
    assert verdict.outcome == outcome
    assert ("No module named 'numpy'" in verdict.detail) == (outcome == "fail")


@pytest.mark.parametrize(
    ("returned", "outcome"),
    [
        ("np.arange(3).sum()", "pass"),
        ("np.float32(3)", "pass"),
        ("np.float64(3)", "pass"),
        ("np.array(3)", "pass"),
        ("int(np.int64(3))", "pass"),
        ("np.int64(4)", "fail"),
        ("np.array([3])", "fail"),
        ("type('E', (), {'__eq__': lambda *_: True, '__module__': 'numpy', 'shape': ()})()", "fail"),
        ("type('E', (), {'__module__': 'numpy', 'shape': (), 'item': lambda self: self})()", "fail"),
    ],
)
def test_a_number_of_numpy_is_a_number_to_the_tests(returned: str, outcome: str) -> None:
    assert judged(f"import numpy as np\ndef f():\n    return {returned}", ["assert f() == 3"]).outcome == outcome


def test_numbers_of_numpy_in_lists_and_dicts() -> None:
    program = "import numpy as np\ndef f(x):\n    return [{'a': one} for one in np.sort(x)], np.any(x), np.str_('s')"
    assert judged(program, ["assert f([2, 1]) == ([{'a': 1}, {'a': 2}], True, 's')"]).outcome == "pass"


def test_the_tests_themselves_import_no_package() -> None:
    """`np.array_equal` would let the program's object say whether it is equal."""
    verdict = judged("def f():\n    return 3", ["import numpy as np\nassert np.array_equal(f(), 3)"])
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")


def test_a_program_sees_no_other_package_and_may_write_none() -> None:
    program = """
import importlib.util, os
def f():
    try:
        open("/packages/numpy/__init__.py", "a")
    except OSError as error:
        return sorted(os.listdir("/packages")), error.errno in (13, 30), importlib.util.find_spec("sympy")
"""
    assert judged(program, ["assert f() == (['numpy', 'numpy.libs'], True, None)"]).outcome == "pass"


def test_what_a_package_depends_on_is_there_as_well() -> None:
    program = "import pandas as pd\nprint(pd.Series([1, 2]).sum(), pd.Timestamp('2024-02-28') + pd.Timedelta(days=1))"
    verdict = judged(program, {"inputs": [""], "outputs": ["3 2024-02-29 00:00:00"]}, Limits(packages=("pandas",)))
    assert verdict.outcome == "pass", verdict


@pytest.mark.parametrize("name", ["no-such-package", "../x", "", "a/b", "/etc", "num\x00py"])
def test_a_package_that_is_not_there_is_told_with_the_config(name: str) -> None:
    with pytest.raises(ValidationError, match="is not installed where Retort is"):
        CodeLimits(packages=[name])


def install(site: Path, name: str, files: str) -> None:
    """Write the metadata of an installed package, with the list of its files if there is one."""
    folder = site / f"{name.replace('-', '_')}-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    if files:
        (folder / "RECORD").write_text(files)


def test_a_file_elsewhere_on_the_machine_does_not_bring_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of files may name one by its whole path, whose first part is `/`."""
    install(tmp_path, "with-a-manual", "with_a_manual.py,,\n/usr/share/man/x.1,,\n../../bin/x,,\n")
    (tmp_path / "with_a_manual.py").write_text("NUMBER = 3")
    monkeypatch.syspath_prepend(tmp_path)
    program = "import os, with_a_manual\ndef f():\n    return with_a_manual.NUMBER, os.listdir('/packages')"
    limits = Limits(packages=("with-a-manual",))
    assert judged(program, ["assert f() == (3, ['with_a_manual.py'])"], limits).outcome == "pass"


@pytest.mark.parametrize("files", ["", "__editable__.mine-1.pth,,\nmine-1.dist-info/METADATA,,\n"])
def test_a_package_whose_files_are_not_known_is_told(
    files: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "mine", files)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"^judging.code.packages: mine does not say which files it has"):
        places_of(("mine",))


def test_the_config_names_them() -> None:
    assert limits_of(CodeLimits(packages=["numpy"])).packages == ("numpy",)
    with pytest.raises(InputError, match=r"^judging.code.packages: no-such-package is not installed"):
        places_of(("numpy", "no-such-package"))

"""Every imported package is declared, and no message names a package that is not."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from conftest import ROOT
from source_tree import OURS, imported, sources

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = re.compile(r"[A-Za-z0-9._-]+")


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    listed = [
        *PYPROJECT["dependencies"],
        *(one for extra in PYPROJECT["optional-dependencies"].values() for one in extra),
    ]
    return {normalized(found.group()) for one in listed if (found := NAME.match(one))}


def test_every_third_party_import_is_declared() -> None:
    names = {name.split(".")[0] for file in sources() for name in imported(file)}
    third_party = names - OURS - set(sys.stdlib_module_names)
    by_package = packages_distributions()
    missing = {
        name for name in third_party if not {normalized(one) for one in by_package.get(name, [name])} & declared()
    }
    assert not missing
    assert {"numpy", "yaml", "vllm"} <= third_party


def test_the_command_is_declared_and_exposes_our_packages_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    module, _, function = project["project"]["scripts"]["retort"].partition(":")
    tree = ast.parse((ROOT / Path(*module.split(".")).with_suffix(".py")).read_text())
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    packages = {pattern.rstrip("*") for pattern in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages == OURS - {"bench"}


def test_nobody_is_sent_to_a_package_that_is_not_ours() -> None:
    files = [*sources(), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "configs").rglob("*.yaml")]
    assert not [file for file in files if "retort[" in file.read_text()]

"""Every version number enters the identity of a stage, so raising one rebuilds what its code makes."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT

from configs.load import load_config
from flows.distill import plan_distillation

PACKAGES = ("configs", "records", "teacher", "filters", "student", "eval", "flows")


def sources() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def assigned(tree: ast.Module) -> set[str]:
    """Names that end in VERSION and are given a value at the top of a module."""
    found: set[str] = set()
    for node in tree.body:
        for target in node.targets if isinstance(node, ast.Assign) else ():
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            found |= {name.id for name in names if isinstance(name, ast.Name) and name.id.endswith("VERSION")}
    return found


def read(tree: ast.Module) -> set[str]:
    """Names that are used, imported ones by what they are called where they come from."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    imported = {
        (f"{node.module}.{alias.name}", alias.asname or alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    through_modules = {
        f"{module}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        for module, name in imported
        if name == node.value.id
    }
    return {module for module, name in imported if name in used} | through_modules | used


def test_no_version_is_read_by_nobody() -> None:
    trees = {file: ast.parse(file.read_text()) for file in sources()}
    everywhere = {file: read(tree) for file, tree in trees.items()}
    unread = []
    for file, tree in trees.items():
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for name in assigned(tree):
            others = [other for other in everywhere if other != file and f"{module}.{name}" in everywhere[other]]
            if not others and name not in everywhere[file]:
                unread.append(f"{module}.{name}")
    assert not unread


@pytest.mark.parametrize(
    ("constant", "stages"),
    [
        ("records.thinking.VERSION", {"sample", "eval"}),
        ("teacher.sampling.passes.VERSION", {"sample", "eval"}),
        ("filters.chain.VERSION", {"judge", "eval-judge"}),
        ("records.rendering.VERSION", {"train"}),
        ("student.data.rendering.VERSION", {"train"}),
    ],
)
def test_a_version_shared_by_stages_is_in_the_version_of_each(constant: str, stages: set[str]) -> None:
    """Each is written into the class when its module is imported, so that the value itself is looked for."""
    module, _, name = constant.rpartition(".")
    value = getattr(__import__(module, fromlist=[name]), name)
    plan = plan_distillation(load_config(ROOT / "configs" / "demo" / "tiny.yaml")).plan
    for stage in plan.stages:
        kind = next((kind for kind in ("eval-judge", "eval") if stage.name.startswith(kind)), stage.name)
        if kind in stages:
            assert value in stage.version.split(".") or value == stage.version, stage.name


def test_every_stage_has_a_version_of_its_own_in_its_identity() -> None:
    for stage in plan_distillation(load_config(ROOT / "configs" / "demo" / "tiny.yaml")).plan.stages:
        assert stage.version
        assert stage.inputs["version"] == stage.version

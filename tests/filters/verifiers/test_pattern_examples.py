r"""Every pattern has a comment above it with a real string that it matches, such as `# "\boxed{5}"`."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

EXAMPLE = re.compile(r'^# "(.*)"$')
FILES = [
    file
    for package in ("mathematics", "extraction", "choice")
    for file in sorted((ROOT / "filters/verifiers" / package).glob("*.py"))
]


def examples(file: Path) -> Iterator[tuple[str, str]]:
    """(name of a compiled pattern, the strings in the comment above it)."""
    lines = file.read_text().splitlines()
    for node in ast.parse(file.read_text()).body:
        found = EXAMPLE.match(lines[node.lineno - 2])
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and found:
            yield from ((node.targets[0].id, example) for example in found.group(1).split('", "'))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_patterns_match_their_examples(file: Path) -> None:
    module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    for name, example in examples(file):
        assert vars(module)[name].search(example), (name, example)


def test_the_examples_are_found() -> None:
    assert sum(1 for file in FILES for _ in examples(file)) > 120

"""The table of policies in docs/verifiers.md says what our verifier and math-verify do."""

import re
from collections.abc import Iterator

import pytest
from conftest import ROOT
from judging_makers import verify_math

TABLE = re.compile(r"### Policy on what graders dispute\n(.*?)\n###", re.DOTALL)
# | `5` | `5 cm`: a unit on one side | right | right | – | right, for 16 units |
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)`[^|]* \| (right|wrong) \| (right|wrong) \|", re.MULTILINE)


def rows() -> Iterator[tuple[str, str, str, str]]:
    found = TABLE.search((ROOT / "docs/verifiers.md").read_text())
    assert found
    for reference, answer, ours, theirs in ROW.findall(found.group(1)):
        yield reference, answer if r"\boxed" in answer else f"$\\boxed{{{answer}}}$", ours, theirs


def test_every_row_is_read() -> None:
    found = TABLE.search((ROOT / "docs/verifiers.md").read_text())
    assert found
    assert len(list(rows())) == found.group(1).count("\n| ") - 1 > 25  # less the head


@pytest.mark.parametrize(("reference", "answer", "ours", "theirs"), rows())
def test_ours(reference: str, answer: str, ours: str, theirs: str) -> None:
    assert (verify_math(reference, answer).outcome == "pass") is (ours == "right")


def test_math_verify() -> None:
    from math_verify import parse, verify

    for reference, answer, _, theirs in rows():
        assert bool(verify(parse(f"${reference}$"), parse(answer))) is (theirs == "right"), (reference, answer)

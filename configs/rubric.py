"""A rubric: what an LLM judge is asked about a trace, and how its verdict is read."""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from configs.named_file import read_named
from configs.section import Section

RUBRICS = Path(__file__).with_name("rubrics")
PLACEHOLDER = re.compile(r"\{(problem|reference|answer|steps)\}")
NEEDED = {"answer": ("problem", "answer"), "steps": ("problem", "steps")}
"""The placeholders that a rubric of each kind must have."""
ALLOWED = {"answer": {"problem", "answer", "reference"}, "steps": {"problem", "steps"}}
"""Those that it may have."""


class Rubric(Section):
    """`rubric: final_answer` is a shipped rubric, `rubric: my/own.yaml` a file. Only the content counts, not where it
    comes from: editing the file asks anew, renaming it does not."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    """Verdicts are given under the name `llm_judge:NAME`."""
    version: str = Field(min_length=1)
    """Written into every verdict."""
    kind: Literal["answer", "steps"] = "answer"
    """What is judged: the answer of a trace, or its steps one after the other."""
    prompt: str
    """What the judge reads. `{problem}`, `{reference}`, `{answer}` and `{steps}` become blocks of quoted data."""
    read: Literal["tag", "json"] = "tag"
    """How the verdict is given: as `<verdict>correct</verdict>` at the end of the reply, or as a reply that is one JSON
    object, `{"verdict": "correct"}`."""
    passes: list[str] = ["correct"]
    """Verdicts by which a trace passes, in any case of letters."""
    fails: list[str] = ["wrong"]
    """Verdicts by which a trace fails."""

    @model_validator(mode="before")
    @classmethod
    def may_be_named(cls, value: Any) -> Any:
        return read_rubric(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def asks_for_what_it_needs(self) -> "Rubric":
        there = set(PLACEHOLDER.findall(self.prompt))
        for name in NEEDED[self.kind]:
            if name not in there:
                raise ValueError(f"prompt: must contain {{{name}}}, or every trace would be judged alike")
        for name in sorted(there - ALLOWED[self.kind]):
            raise ValueError(f"prompt: {{{name}}} goes with another kind than {self.kind}; remove it, or change kind")
        return self

    @model_validator(mode="after")
    def has_two_verdicts(self) -> "Rubric":
        passes, fails = ({word.strip().casefold() for word in words} for words in (self.passes, self.fails))
        if self.kind == "answer" and not (passes and fails and all(passes | fails)):
            raise ValueError("passes and fails: give at least one word each, or a verdict could have one outcome only")
        if both := passes & fails:
            raise ValueError(f"passes and fails: {sorted(both)[0]!r} stands in both; remove it from one")
        return self

    @property
    def filter(self) -> str:
        """The name under which its verdicts are given."""
        return f"llm_judge:{self.name}"

    @property
    def reads_reference(self) -> bool:
        return "{reference}" in self.prompt


def read_rubric(name: str) -> dict[str, Any]:
    """Read the fields of a shipped rubric by name, or of a file by path. Errors: ValueError that says what to
    change."""
    return read_named(name, RUBRICS, Rubric, "rubric", "rubric", "rubrics")

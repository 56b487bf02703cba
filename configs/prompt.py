"""The prompt with which a problem is put to a model: a family from configs/prompts/, your own file, or its fields."""

import difflib
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import JsonValue, ValidationError, model_validator

from configs.section import Section
from configs.yaml_text import parse_yaml

FAMILIES = Path(__file__).with_name("prompts")
ENDINGS = (".yaml", ".yml")
SET_BY_US = ("add_generation_prompt", "chat_template", "continue_final_message", "conversation", "messages", "tokenize")


class Prompt(Section):
    """The messages a problem becomes, and how the model's chat template renders them.

    `prompt: r1` is a family, `prompt: my/own.yaml` a file. Only the content counts, not where it comes from: editing
    the file draws all traces anew, renaming it does not.
    """

    system: str | None = None
    user: str = "{problem}"
    """Template of the user turn; `{problem}` stands for the problem's prompt."""
    chat_template_kwargs: dict[str, JsonValue] = {}
    """Arguments of the model's chat template, such as `{enable_thinking: false}` or `{reasoning_effort: high}`."""
    reasoning_format: Literal["think", "harmony", "mistral", "thought", "reasoning"] = "think"
    """How the model marks its reasoning: `<think>` tags, gpt-oss's channels, `[THINK]`, `<thought>`, `<reasoning>`. The
    teacher's own prompt decides it for all passes; servers separate the reasoning themselves."""

    @model_validator(mode="before")
    @classmethod
    def may_be_named(cls, value: Any) -> Any:
        return read_family(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def has_the_problem(self) -> "Prompt":
        if "{problem}" not in self.user:
            raise ValueError("user: must contain {problem}, or every problem would get the same prompt")
        for name in sorted(self.chat_template_kwargs.keys() & {*SET_BY_US}):
            raise ValueError(f"chat_template_kwargs: {name} is set by Retort; remove it")
        return self

    def messages(self, problem: str) -> list[dict[str, str]]:
        """Return `role` and `content` of each turn that asks the problem."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.user.replace("{problem}", problem)}]


def read_family(name: str) -> dict[str, Any]:
    """Read the fields of a family by name, or of a file by path. Errors: ValueError that says what to change."""
    known = sorted(path.stem for path in FAMILIES.glob("*.yaml"))
    file = Path(name) if name.endswith(ENDINGS) else FAMILIES / f"{name}.yaml"
    if not name.endswith(ENDINGS) and name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"no such prompt family; {guess}known: {', '.join(known)}; a file of your own ends in .yaml")
    try:
        tree = parse_yaml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"no such file (looked for {file.absolute()}); known families: {', '.join(known)}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # ValueError: not UTF-8
        raise ValueError(f"{file}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ValueError(f"{file}: a prompt is a mapping of {', '.join(Prompt.model_fields)}")
    try:
        Prompt.model_validate(tree)
    except ValidationError as error:
        raise ValueError(f"{file}: {'; '.join(explain(entry) for entry in error.errors())}") from None
    return tree


def explain(entry: Any) -> str:
    key = ".".join(map(str, entry["loc"]))
    if entry["type"] == "extra_forbidden":
        return f"{key}: unknown key; known: {', '.join(Prompt.model_fields)}"
    message = entry["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message

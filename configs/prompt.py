"""The prompt with which a problem is put to a model: a family from configs/prompts/, your own file, or its fields."""

from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue, model_validator

from configs.named_file import read_named
from configs.section import Section

FAMILIES = Path(__file__).with_name("prompts")
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
    return read_named(name, FAMILIES, Prompt, "prompt", "prompt family", "families")

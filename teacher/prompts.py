"""A problem as the messages a model is asked with."""

from configs.models import Prompt


def to_messages(problem: str, prompt: Prompt) -> list[dict[str, str]]:
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return [*system, {"role": "user", "content": prompt.user.replace("{problem}", problem)}]

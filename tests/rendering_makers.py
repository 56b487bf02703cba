"""Messages with a reasoning, rendered as rows and read back."""

from typing import Any

from tokenizer_makers import CHATML, make_byte_tokenizer

from student.data.rendering import IGNORED, RenderedRow, RowRenderer

ANSWERED = "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}"
TURNS = [{"role": "user", "content": "What is 12 + 34?"}]


def messages(content: str = ANSWERED, question: str = "What is 12 + 34?") -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": content}]


def learnt(row: RenderedRow, tokenizer: Any) -> str:
    return str(tokenizer.decode([label for label in row.labels if label != IGNORED]))


def rendered(template: str = CHATML, content: str = ANSWERED, **further: Any) -> tuple[RenderedRow, RowRenderer]:
    renderer = RowRenderer(make_byte_tokenizer(template), **further)
    return renderer.render(messages(content), "p"), renderer


def relabelled(row: RenderedRow, renderer: RowRenderer, text: str) -> dict[str, list[int]]:
    begin = row.labels.count(IGNORED)
    ids = [*renderer.encoder.encode(text), renderer.stop_id]
    return {"input_ids": row.input_ids[:begin] + ids, "labels": row.labels[:begin] + ids}

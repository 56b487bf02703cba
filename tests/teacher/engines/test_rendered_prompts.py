"""A prompt's system turn, arguments and prefix reach the model's template, and the request to a server."""

import json
from typing import Any

import pytest
from conftest import make_problem
from tokenizer_makers import SPECIAL, make_byte_tokenizer
from tokenizers.processors import TemplateProcessing

from configs.prompt import Prompt
from configs.servers import ServerTeacher
from records.errors import InputError
from records.rendering import Renderer
from records.requests import Request, Settings
from student.scratch.model import make_tokenizer
from teacher.servers.chat_completion import request_body

# Of Qwen3's chat_template: the end.
QWEN3 = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}"
    "{%- endif %}{%- endif %}"
)
# DeepSeek-R1-Distill's, in short: the beginning of sequence and the opening tag come from the template.
R1 = "{{ bos_token }}{% for message in messages %}<|im_start|>{{ message.content }}{% endfor %}{{ '<think>\n' }}"
# Gemma's, in short.
GEMMA = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" + R1


def make_renderer(template: str, thinks: bool = True) -> Renderer:
    """With a tokenizer that adds a beginning of sequence whenever it may, as Llama's does."""
    tokenizer = make_tokenizer(["What is 2 + 2?"], 300, 100)
    tokenizer.chat_template, tokenizer.bos_token = template, "<|endoftext|>"
    start = [("<|endoftext|>", tokenizer.bos_token_id)]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single="<|endoftext|> $A", special_tokens=start)
    assert tokenizer.encode("2")[0] == tokenizer.bos_token_id
    return Renderer(tokenizer, "think", thinks)


def make_request(prefix: str = "", system: str | None = None, **arguments: Any) -> Request:
    messages = tuple(Prompt(system=system).messages("2 + 2"))
    settings = Settings(1.0, 1.0, -1, 10)
    return Request(make_problem(), 0, 0, 1, messages, settings, prefix, chat_template_kwargs=arguments)


def text_of(renderer: Renderer, request: Request) -> tuple[str, str]:
    ids, begun = renderer.begin(request)
    return str(renderer.tokenizer.decode(ids)), begun


def test_the_beginning_of_sequence_is_not_doubled() -> None:
    text, begun = text_of(make_renderer(R1), make_request())
    assert text == "<|endoftext|><|im_start|>2 + 2<think>\n"
    assert begun == "<think>\n"


def test_arguments_reach_the_template() -> None:
    renderer = make_renderer(QWEN3)
    asked = "<|im_start|>user\n2 + 2<|im_end|>\n<|im_start|>assistant\n"
    empty = "<think>\n\n</think>\n\n"
    assert text_of(renderer, make_request()) == (asked, "")
    assert text_of(renderer, make_request(enable_thinking=True)) == (asked, "")
    assert text_of(renderer, make_request(enable_thinking=False)) == (asked + empty, empty)
    assert text_of(renderer, make_request()) == (asked, "")


@pytest.mark.parametrize(
    ("template", "thinks", "arguments", "prefix", "added"),
    [
        (R1, True, {}, "<think>\n1 + ", "1 + "),
        (R1, True, {}, "<think>\n1\n</think>\n\n4", "1\n</think>\n\n4"),
        (QWEN3, True, {}, "<think>\n1 + ", "<think>\n1 + "),
        (QWEN3, True, {"enable_thinking": False}, "It is 4", "It is 4"),
        (QWEN3, True, {}, "It is 4", "<think>\n\n</think>\n\nIt is 4"),  # a reasoning that was empty
        (QWEN3, False, {}, "It is 4", "It is 4"),
    ],
)
def test_a_prefix_follows_what_the_template_prefills(
    template: str, thinks: bool, arguments: dict[str, Any], prefix: str, added: str
) -> None:
    renderer = make_renderer(template, thinks)
    bare, _ = text_of(renderer, make_request(**arguments))
    text, begun = text_of(renderer, make_request(prefix, **arguments))
    assert text == bare + added
    assert begun.endswith(prefix)
    assert ("<think>" in begun) == thinks


@pytest.mark.parametrize(
    ("template", "request_", "message"),
    [
        (
            R1,
            make_request(enable_thinking=True),
            "chat_template_kwargs: the template of .* has no enable_thinking; remove",
        ),
        (GEMMA, make_request(system="Be brief."), r"refuses it \(System role not supported\); change the prompt"),
        ("{% if %}", make_request(), "refuses it"),
    ],
)
def test_what_the_template_refuses(template: str, request_: Request, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_renderer(template).begin(request_)


# What a server is sent


def body_of(request: Request, **teacher: Any) -> dict[str, Any]:
    given = {"kind": "server", "name": "t", "model": "m", "base_urls": ["http://a/v1"], **teacher}
    return dict(json.loads(request_body(request, ServerTeacher.model_validate(given))))


def test_a_server_gets_the_arguments_and_the_config_of_the_server_has_the_last_word() -> None:
    request = make_request(enable_thinking=True, depth=1)
    extra = {"chat_template_kwargs": {"enable_thinking": False, "more": 2}}
    assert "chat_template_kwargs" not in body_of(make_request())
    assert body_of(request)["chat_template_kwargs"] == {"enable_thinking": True, "depth": 1}
    merged = {"enable_thinking": False, "depth": 1, "more": 2}
    assert body_of(request, extra_body=extra)["chat_template_kwargs"] == merged
    assert body_of(make_request(), extra_body=extra)["chat_template_kwargs"] == extra["chat_template_kwargs"]
    assert "chat_template_kwargs" not in body_of(request, extra_body={"chat_template_kwargs": None})


def test_a_server_gets_the_thinking_budget_only_if_there_is_one() -> None:
    request = make_request()
    budgeted = Request(request.problem, 0, 0, 1, request.messages, Settings(1.0, 1.0, -1, 10, thinking_tokens=5))
    assert "thinking_token_budget" not in body_of(request)
    assert body_of(budgeted)["thinking_token_budget"] == 5
    assert "thinking_token_budget" not in body_of(budgeted, extra_body={"thinking_token_budget": None})


@pytest.mark.parametrize("special", [(), ("<think>", "</think>")])
def test_tags_stay_in_the_text_of_a_completion(special: tuple[str, ...]) -> None:
    """In some tokenizers the tags are special tokens, which engines leave out of the text by default."""
    tokenizer = make_byte_tokenizer(special=[*SPECIAL, *special])
    text = "<think>\n2 + 2 = 4\n</think>\n\n\\boxed{4}"
    drawn = tokenizer.encode(text, add_special_tokens=False)
    assert Renderer(tokenizer, "think", thinks=True).decode(drawn) == text

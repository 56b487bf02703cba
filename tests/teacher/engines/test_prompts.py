"""Prompt families are read from files and reach the model's template; wrong ones are rejected before the start."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import make_problem
from refusals import refusal_of

from configs.load import ConfigError, load_config
from configs.prompt import FAMILIES, Prompt
from configs.sampling import TeacherSampling
from teacher.sampling.continuation import ANEW
from teacher.sampling.passes import plan_passes
from teacher.sampling.plan import plan_sampling

BOXED = "Please reason step by step, and put your final answer within \\boxed{}."


def load(tmp_path: Path, prompt: Any, student: Any = None) -> Any:
    tree = {
        "name": "made",
        "teacher": {"kind": "vllm", "name": "t", "path": "somewhere", "prompt": prompt},
        "student": {"name": "s", "path": "elsewhere"} | ({"prompt": student} if student else {}),
        "problems": [{"kind": "file", "path": "problems.jsonl"}],
        "sampling": {"max_tokens": 1000},
        "training": {"max_length": 512, "settings": {"learning_rate": 1e-5}},
    }
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))
    return load_config(path)


def refused(tmp_path: Path, prompt: Any, student: Any = None) -> str:
    told = refusal_of(lambda: load(tmp_path, prompt, student), ConfigError)
    return told.removeprefix(f"{tmp_path / 'made.yaml'}: ")


# Families


@pytest.mark.parametrize("path", sorted(FAMILIES.glob("*")), ids=lambda path: path.name)
def test_every_family_is_valid_and_names_its_source(tmp_path: Path, path: Path) -> None:
    assert path.suffix == ".yaml"
    assert "\n# Source: " in path.read_text()
    prompt = load(tmp_path, path.stem).teacher.prompt
    assert BOXED in str(prompt.messages("What is 2 + 2?")).replace("\\\\", "\\")


def test_families_are_what_their_cards_say(tmp_path: Path) -> None:
    prompts = {path.stem: load(tmp_path, path.stem).teacher.prompt for path in FAMILIES.glob("*.yaml")}
    assert prompts.keys() == {"r1", "qwen3_think", "qwen3_no_think", "gpt_oss", "plain_cot"}
    assert prompts["r1"].messages("1 + 1") == [{"role": "user", "content": f"1 + 1\n\n{BOXED}"}]
    assert prompts["plain_cot"].messages("1 + 1")[0] == {"role": "system", "content": BOXED}
    assert prompts["qwen3_think"].chat_template_kwargs == {"enable_thinking": True}
    assert prompts["qwen3_no_think"].chat_template_kwargs == {"enable_thinking": False}
    assert prompts["gpt_oss"].chat_template_kwargs == {"reasoning_effort": "high"}
    assert prompts["gpt_oss"].reasoning_format == "harmony"


def test_a_name_a_file_and_the_fields_themselves_are_one(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    shutil.copy(FAMILIES / "qwen3_think.yaml", own)
    fields = yaml.safe_load(own.read_text())
    named, filed, written = (load(tmp_path, prompt).teacher.prompt for prompt in ("qwen3_think", str(own), fields))
    assert named == filed == written
    assert named.model_dump() == filed.model_dump()  # what fingerprints are made of


def test_a_second_chance_names_one_too() -> None:
    sampling = TeacherSampling.model_validate({"max_tokens": 9, "second_chances": [{"prompt": "plain_cot"}]})
    assert sampling.second_chances[0].prompt == Prompt.model_validate("plain_cot")


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("qwen_think", "no such prompt family; did you mean qwen3_think? known: gpt_oss, plain_cot, "),
        ("", "no such prompt family; known: gpt_oss, "),
        ("prompts/r1", "no such prompt family; "),
        (5, "Input should be a valid dictionary or instance of Prompt (got 5)"),
        ({"user": "Solve it."}, "user: must contain {problem}, or every problem would get the same prompt"),
        ({"chat_template_kwargs": {"tokenize": True}}, "chat_template_kwargs: tokenize is set by Retort; remove it"),
    ],
)
def test_bad_prompt(tmp_path: Path, prompt: Any, message: str) -> None:
    assert refused(tmp_path, prompt).startswith(f"teacher.prompt: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file (looked for {file}); known families: gpt_oss, "),
        (b"user: [", "{file}: not readable as YAML: while parsing a flow"),
        (b"user: caf\xe9 {problem}", "{file}: not readable as YAML: 'utf-8' codec can't decode byte 0xe9"),
        (b"", "{file}: a prompt is a mapping of system, user, chat_template_kwargs, reasoning_format"),
        (b"r1", "{file}: a prompt is a mapping of system"),
        (b"sytem: x", "{file}: sytem: unknown key; known: system, user, "),
        (b"user: Solve it.", "{file}: user: must contain {{problem}}, or every"),
        (b"reasoning_format: tags", "{file}: reasoning_format: Input should be 'think', 'harmony',"),
        (b"chat_template_kwargs: {a: .nan}", "{file}: chat_template_kwargs.a.float: Input should be a finite number"),
        (b"system: 1\nuser: 2", "{file}: system: Input should be a valid string; user: Input should be a valid string"),
    ],
)
def test_bad_prompt_file(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "own.yaml"
    if content is not None:
        file.write_bytes(content)
    assert refused(tmp_path, str(file)).startswith("teacher.prompt: " + message.format(file=file))


def test_a_student_is_asked_as_it_is_trained(tmp_path: Path) -> None:
    message = (
        "student: prompt: training renders the chat template without arguments and reasoning in think tags; give the"
    )
    assert refused(tmp_path, "qwen3_think", student="qwen3_think").startswith(message)
    assert refused(tmp_path, "gpt_oss", student={"reasoning_format": "harmony"}).startswith(message)
    assert load(tmp_path, "qwen3_think", student="r1").student.prompt.user.endswith(BOXED)


# Identity


def identities(prompt: Prompt, **settings: Any) -> set[str]:
    sampling = TeacherSampling.model_validate({"max_tokens": 100, **settings})
    plan = plan_passes(plan_sampling(sampling), prompt, "model", True)
    return {of.identity(of.messages(make_problem())) for of in plan}


def test_whatever_shapes_a_completion_is_in_its_requests_identity() -> None:
    plain = Prompt.model_validate("r1")
    others = [
        identities(plain.model_copy(update={"user": "{problem}"})),
        identities(plain.model_copy(update={"system": "Think."})),
        identities(plain.model_copy(update={"chat_template_kwargs": {"enable_thinking": True}})),
        identities(plain.model_copy(update={"chat_template_kwargs": {"enable_thinking": False}})),
        identities(plain, thinking_tokens=50),
        identities(plain, thinking_tokens=60),
    ]
    assert len(set.union(identities(plain), *others)) == 7
    assert identities(plain) == identities(Prompt(user=plain.user))


def test_a_second_chance_inherits_the_thinking_budget_and_may_have_its_own() -> None:
    chances: list[dict[str, Any]] = [{"temperature": 1.0}, {"thinking_tokens": 80}, {"prompt": "qwen3_think"}]
    sampling = TeacherSampling.model_validate({"max_tokens": 100, "thinking_tokens": 50, "second_chances": chances})
    passes = plan_passes(plan_sampling(sampling), Prompt(), "model", True)
    assert [of.settings.thinking_tokens for of in passes] == [50, 50, 80, 50]
    request = passes[3].request(make_problem(), 0, passes[3].messages(make_problem()), ANEW)
    assert request.chat_template_kwargs == {"enable_thinking": True}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"thinking_tokens": 100}, "thinking_tokens must leave room for the answer: below max_tokens (100)"),
        ({"second_chances": [{"thinking_tokens": 100}]}, "second_chances.0.thinking_tokens must leave room"),
        ({"thinking_tokens": 60, "second_chances": [{}, {"max_tokens": 60}]}, "second_chances.1.thinking_tokens must"),
        ({"thinking_tokens": 0}, "Input should be greater than or equal to 1"),
    ],
)
def test_bad_thinking_budget(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"thinking_tokens") as caught:
        TeacherSampling.model_validate({"max_tokens": 100, **settings})
    assert message in str(caught.value)

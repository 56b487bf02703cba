"""A chat template is named, or read from a file, and its content is what counts."""

from pathlib import Path
from typing import Any

import pytest
from hub_config_makers import make_config

from configs.errors import ConfigError
from configs.models import MixedReasoning, Student
from configs.template import families, read_template


def make_student(**fields: Any) -> Student:
    return Student.model_validate({"name": "s", "path": "owner/name", **fields})


def test_a_name_a_file_and_the_text_are_one(tmp_path: Path) -> None:
    own = tmp_path / "own.jinja"
    own.write_text(families()["llama3"])
    named, filed, written = (make_student(template=given) for given in ("llama3", str(own), families()["llama3"]))
    assert named == filed == written
    assert Student.model_validate(named.model_dump()) == named
    assert make_student().template is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("lama3", "no such template; did you mean llama3? known: chatml, gemma, llama3, mistral, phi4; a file of your"),
        ("qwen", "no such template; known: chatml, "),
        ("none.jinja", "no such file (looked for /"),
    ],
)
def test_a_template_that_is_none(value: str, message: str) -> None:
    with pytest.raises(ValueError, match="no such") as caught:
        read_template(value)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("content", [b"<|im_start|>", b"caf\xe9 {{ x }}"])
def test_a_file_that_is_no_template(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "own.jinja"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"not a Jinja template|not readable as text"):
        read_template(str(file))


@pytest.mark.parametrize(
    ("student", "message"),
    [
        ({"template": "chatlm"}, "student.template: no such template; did you mean chatml?"),
        ({"reasoning": "hiden"}, "student.reasoning: Input should be 'visible' or 'hidden' (got 'hiden')"),
        (
            {"reasoning": {"no_think_share": 1.0}},
            "student.reasoning.no_think_share: Input should be less than 1 (got 1",
        ),
        ({"reasoning": {"no_think": 0.2}}, "student.reasoning.no_think: unknown key; did you mean no_think_share?"),
    ],
)
def test_a_wrong_student_is_one_line(tmp_path: Path, student: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_config(tmp_path, student={"name": "s", "path": "owner/name", **student})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_student_does_once_trained() -> None:
    assert make_student().thinks_once_trained
    assert make_student(reasoning={"no_think_share": 0.5}).reasoning == MixedReasoning(no_think_share=0.5)
    assert make_student(reasoning={"no_think_share": 0.5}).thinks_once_trained
    assert not make_student(reasoning="hidden").thinks_once_trained

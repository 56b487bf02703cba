"""A stranger's tokenizer.json cannot fill memory or try patterns without an end, and odd defaults are one line."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tokenizer_makers import SlowTokenizer, make_byte_tokenizer
from tokenizers import Regex, decoders, normalizers, pre_tokenizers

from records.errors import InputError
from records.rendering import prompt_tokens
from records.tokenizer_check import MOST_GROWTH, check_rules, growth
from student.data.encoding import CompletionEncoder
from student.data.student_files import StudentOrigin
from teacher.engines.tokenizer import load_tokenizer


def longer(times: int) -> Any:
    return normalizers.Replace("x", "y" * (times - 1))


def with_rules(**rules: Any) -> Any:
    tokenizer = make_byte_tokenizer()
    for name, value in rules.items():
        setattr(tokenizer.backend_tokenizer, name, value)
    return tokenizer


@pytest.mark.parametrize(
    ("rules", "times"),
    [
        ({}, 1),
        ({"normalizer": normalizers.Sequence([normalizers.NFC(), longer(2), normalizers.Prepend("x")])}, 2),
        ({"normalizer": longer(MOST_GROWTH)}, MOST_GROWTH),
        ({"normalizer": longer(MOST_GROWTH + 1)}, MOST_GROWTH + 1),
        ({"normalizer": normalizers.Sequence([longer(2)] * 40)}, 2**40),
        ({"decoder": decoders.Sequence([decoders.Replace("x", "y" * 99)] * 4)}, 10**8),
    ],
)
def test_rules_that_make_a_text_too_long_are_refused(rules: dict[str, Any], times: int) -> None:
    tokenizer = with_rules(**rules)
    parts = [part for part in (tokenizer.backend_tokenizer.normalizer, tokenizer.backend_tokenizer.decoder) if part]
    assert max(growth(json.loads(part.__getstate__())) for part in parts) == times
    if times <= MOST_GROWTH:
        check_rules(tokenizer)
    else:
        with pytest.raises(InputError, match="times as long; choose another model"):
            check_rules(tokenizer)


def test_they_are_refused_wherever_a_tokenizer_is_loaded(tmp_path: Path) -> None:
    with_rules(normalizer=longer(MOST_GROWTH + 1)).save_pretrained(tmp_path)
    for load in (lambda: load_tokenizer(str(tmp_path)), StudentOrigin(str(tmp_path)).tokenizer):
        with pytest.raises(InputError, match=r"tokenizer\.json may make a text 1e\+04 times as long"):
            load()


def test_a_slow_tokenizer_has_no_rules() -> None:
    check_rules(SlowTokenizer())


def test_a_pattern_without_an_end_is_one_line() -> None:
    tokenizer = with_rules(pre_tokenizer=pre_tokenizers.Split(Regex("(x+x+)+y"), "isolated"))
    for encode in (lambda text: prompt_tokens(tokenizer, text), CompletionEncoder(tokenizer).encode):
        assert encode("a") is not None
        with pytest.raises(InputError, match=r"its tokenizer fails on a text .*retry-limit"):
            encode("x" * 30)


@pytest.mark.parametrize("values", [[1], 7])
def test_odd_defaults_of_generation_are_one_line(tiny_model: Path, tmp_path: Path, values: Any) -> None:
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    (model / "generation_config.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"generation_config\.json does not load"):
        StudentOrigin(str(model)).configs()

"""A config that aliases multiply is refused at once, wherever YAML is read."""

import time
from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.load import load_config
from configs.overrides import parse_override
from configs.prompt import read_family
from configs.yaml_text import MOST_VALUES, parse_yaml

LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 30))
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{at}: &a{at}\n  <<: [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 30)
)


@pytest.mark.parametrize("text", [LAUGHS, MERGES], ids=["lists", "merged mappings"])
def test_a_thousand_bytes_do_not_become_a_billion_values(tmp_path: Path, text: str) -> None:
    file, began = tmp_path / "config.yaml", time.monotonic()
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"config.yaml: not readable as YAML: more than 100,000 values"):
        load_config(file)
    with pytest.raises(ValueError, match="more than 100,000 values"):
        read_family(str(file))
    with pytest.raises(ConfigError, match="more than 100,000 values"):
        parse_override(
            "a=" + "[&a [x,x,x,x,x,x,x,x,x,x], &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a], &c [*b,*b,*b,*b,*b,*b,*b]"
            ", &d [*c,*c,*c,*c,*c,*c,*c,*c], &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]]"
        )
    assert time.monotonic() - began < 5


def test_a_list_within_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("a: &a [*a]\n")
    with pytest.raises(ConfigError, match="not readable as YAML"):
        load_config(file)


def test_values_are_counted_as_often_as_they_stand_there() -> None:
    """The mapping, its two keys, the list of lists, and 156 times a list of 640 values: as many as there may be."""
    assert MOST_VALUES == 4 + 156 * 641
    lists = f"a: &a [{'1,' * 640}]\nb: [{'*a,' * 155}"
    assert parse_yaml(f"{lists}]\n")["b"][154][639] == 1
    with pytest.raises(ValueError, match="more than"):
        parse_yaml(f"{lists}1]\n")


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="surrogates not allowed"):
        parse_override('name="\\ud800"')
    assert parse_yaml('"\\U0001F600"') == "\U0001f600"


@pytest.mark.parametrize(("text", "read"), [("012", 10), ("-0_17", -15), ("1:30", 90), ("12:30:00", 45000)])
def test_a_number_that_yaml_reads_as_another_is_refused(text: str, read: int) -> None:
    with pytest.raises(ConfigError, match=rf"sampling.seed={text}: .*{text} means {read} in YAML; write {read}, or"):
        parse_override(f"sampling.seed={text}")
    with pytest.raises(ValueError, match=f"line 2: {text} means {read}"):
        parse_yaml(f"a:\n  b: [{text}]\n")
    assert parse_yaml(f"['{text}', 0, 10, 0.5, 0x10, 1_000, 08, 2024-08-01, a:29500]")[0] == text

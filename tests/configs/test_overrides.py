"""`key=value`, `key=null` and `key=` change a config as documented, also in boundary cases."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from refusals import refusal_of

from configs.load import ConfigError, load_config
from configs.schema import Config

TINY = ROOT / "configs" / "demo" / "tiny.yaml"


def make_config(tmp_path: Path, *overrides: str, **sections: Any) -> Config:
    """A small config with sections replaced, written to a file and loaded."""
    tree = {
        "name": "made",
        "teacher": {"kind": "fake"},
        "student": {"name": "student", "path": "elsewhere"},
        "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}],
        "sampling": {"max_tokens": 100},
        "training": {"max_length": 512, "settings": {"learning_rate": 1e-5}},
    }
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump(tree | sections))
    return load_config(path, list(overrides))


def refused(tmp_path: Path, *overrides: str, **sections: Any) -> str:
    told = refusal_of(lambda: make_config(tmp_path, *overrides, **sections), ConfigError)
    return told.removeprefix(f"{tmp_path / 'made.yaml'}: ")


# null where the setting can be null


def test_null_turns_off_what_is_on_by_default(tmp_path: Path) -> None:
    assert make_config(tmp_path).judging.repetition is not None
    assert make_config(tmp_path, "judging.repetition=null").judging.repetition is None
    assert make_config(tmp_path, "judging.repetition=~").judging.repetition is None


def test_nothing_brings_the_default_back(tmp_path: Path) -> None:
    judging = {"repetition": None, "language": {"min_foreign_words": 3}}
    assert make_config(tmp_path, judging=judging).judging.repetition is None
    assert make_config(tmp_path, "judging.repetition=", judging=judging).judging.repetition is not None
    assert make_config(tmp_path, "judging.language.min_foreign_words=", judging=judging).judging.language == (
        make_config(tmp_path).judging.language
    )


# null where it cannot


@pytest.mark.parametrize("value", ["", "null", "~", " "])
def test_a_setting_that_cannot_be_null_takes_its_default(tmp_path: Path, value: str) -> None:
    config = make_config(tmp_path, f"sampling.n={value}", sampling={"max_tokens": 100, "n": 7})
    assert config.sampling is not None
    assert config.sampling.n == 4
    assert "n" not in config.sampling.model_fields_set
    assert make_config(tmp_path, f"selection={value}", selection={"order": "shortest"}).selection.order == "first"


@pytest.mark.parametrize("value", ["", "null"])
def test_a_required_setting_is_missing_then(tmp_path: Path, value: str) -> None:
    assert refused(tmp_path, f"sampling.max_tokens={value}") == "sampling.max_tokens: required, but missing"
    assert refused(tmp_path, f"problems.0.size={value}") == "problems.0.size: required, but missing"
    assert refused(tmp_path, f"training={value}") == "training: required, but missing"


@pytest.mark.parametrize("value", ["", "null", "1"])
def test_an_unknown_key_is_an_error_whatever_its_value(tmp_path: Path, value: str) -> None:
    assert refused(tmp_path, f"sampling.max_token={value}") == (
        "sampling.max_token: unknown key; did you mean max_tokens?"
    )
    assert refused(tmp_path, f"traning.lora={value}") == "traning: unknown key; did you mean training?"


# Places


def test_unsetting_makes_no_section(tmp_path: Path) -> None:
    at = "selection.near_duplicate_prompts"
    assert make_config(tmp_path, f"{at}.threshold=").selection.near_duplicate_prompts is None
    assert make_config(tmp_path, f"{at}.threshold=null").selection.near_duplicate_prompts is None
    assert make_config(tmp_path, f"{at}.threshold=0.8").selection.near_duplicate_prompts is not None


def test_the_later_override_wins(tmp_path: Path) -> None:
    given, at = {"near_duplicate_prompts": {"threshold": 0.7, "permutations": 64}}, "selection.near_duplicate_prompts"
    near = make_config(tmp_path, f"{at}=", f"{at}.threshold=0.8", selection=given).selection.near_duplicate_prompts
    assert near is not None
    assert (near.threshold, near.permutations) == (0.8, 128)
    config = make_config(tmp_path, f"{at}.threshold=0.8", f"{at}=", selection=given)
    assert config.selection.near_duplicate_prompts is None
    assert make_config(tmp_path, "sampling.n=9", "sampling.n=", "sampling.n=3").sampling.n == 3


def test_keys_of_ones_own_can_be_unset_and_values_of_json_can_be_null(tmp_path: Path) -> None:
    sections = {
        "benchmarks": {"one": [{"kind": "file", "path": "a.jsonl"}], "two": [{"kind": "file", "path": "b.jsonl"}]},
        "evaluation": {"max_tokens": 100},
        "teacher": {"kind": "server", "name": "t", "model": "m", "base_urls": ["http://localhost:1/v1"]},
    }
    for value in ("", "null"):
        assert list(make_config(tmp_path, f"benchmarks.one={value}", **sections).benchmarks) == ["two"]
    assert make_config(tmp_path, "teacher.extra_body.top_k=null", **sections).teacher.extra_body == {"top_k": None}
    assert make_config(tmp_path, "teacher.extra_body.top_k=", **sections).teacher.extra_body == {}


def test_an_element_of_a_list_cannot_be_unset(tmp_path: Path) -> None:
    for value in ("", "null"):
        assert refused(tmp_path, f"problems.0={value}") == (
            f"problems.0={value}: an element of a list cannot be unset; give the whole list"
        )
    assert make_config(tmp_path, "problems.0.seed=", "problems.0.settings=null").problems[0].size == 3


def test_null_in_the_file_itself_is_no_unsetting(tmp_path: Path) -> None:
    sampling = {"max_tokens": 100, "n": None}
    assert refused(tmp_path, sampling=sampling) == ("sampling.n: Input should be a valid integer (got None)")


# n and accept


def test_a_number_of_traces_instead_of_drawing_until_accepted() -> None:
    """The way that the error of `sampling.n=8` names, and every other that a user would try."""
    with pytest.raises(ConfigError) as caught:
        load_config(TINY, ["sampling.n=8"])
    assert str(caught.value).endswith("unset one of them, sampling.n= or sampling.accept=null")
    for overrides in (
        ["sampling.n=8", "sampling.accept=null"],
        ["sampling.accept=null", "sampling.max_n=null", "sampling.n=8"],
        ["sampling.accept=", "sampling.max_n=", "sampling.n=8"],
    ):
        sampling = load_config(TINY, overrides).sampling
        assert sampling is not None
        assert (sampling.accept, sampling.most) == (None, ("n", 8))
    assert load_config(TINY, ["sampling.n=8", "sampling.n="]) == load_config(TINY)


def test_what_is_left_over_names_what_to_unset() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(TINY, ["sampling.accept=", "sampling.n=8"])
    assert str(caught.value).endswith("max_n goes with accept: set sampling.accept, or unset sampling.max_n=")


def test_accept_null_in_the_file_counts_as_not_given(tmp_path: Path) -> None:
    sampling = {"max_tokens": 100, "n": 8, "accept": None, "max_n": 16}
    assert make_config(tmp_path, sampling=sampling).sampling.most == ("n", 8)

"""A stranger's config costs neither memory nor time without an end, and each of its mistakes is one short line."""

import os
import time
from pathlib import Path

import pytest
import yaml
from config_makers import make_config, make_tree, refused

from configs.errors import ConfigError
from configs.load import MOST_EXTENDED, load_config, read_tree
from configs.prompt import read_family
from configs.template import read_template
from configs.text_file import MOST_CHARACTERS, read_text_file
from configs.yaml_text import LONGEST_NUMBER, parse_yaml
from flows.distill import plan_distillation


def refusal_of(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_tree(file)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["device", "pipe", "long"])
def test_a_file_without_an_end_is_not_read(tmp_path: Path, kind: str) -> None:
    for name, message in (("a.yaml", "not readable as YAML"), ("a.jinja", "not readable as text")):
        file, began = tmp_path / name, time.monotonic()
        if kind == "device":
            file.symlink_to("/dev/zero")
        elif kind == "pipe":
            os.mkfifo(file)
        else:
            with file.open("w") as opened:
                opened.truncate(1 << 40)  # a hole, which takes no disk
        why = "longer than 1,048,576 characters" if kind == "long" else "no regular file"
        if name == "a.yaml":
            assert f"{message}: {why}" in refusal_of(file)
            with pytest.raises(ValueError, match=f"{message}: {why}"):
                read_family(str(file))
        else:
            with pytest.raises(ValueError, match=f"{message}: {why}"):
                read_template(str(file))
        assert time.monotonic() - began < 5


def test_the_longest_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("é" * MOST_CHARACTERS)
    assert len(read_text_file(file)) == MOST_CHARACTERS
    file.write_text("é" * (MOST_CHARACTERS + 1))
    with pytest.raises(ValueError, match="longer than"):
        read_text_file(file)


def test_as_many_files_extend_each_other_as_one_may_want(tmp_path: Path) -> None:
    for at in range(MOST_EXTENDED + 1):
        (tmp_path / f"{at}.yaml").write_text(f"extends: {at + 1}.yaml\n" if at < MOST_EXTENDED else "name: last\n")
    assert read_tree(tmp_path / "1.yaml") == {"name": "last"}
    assert "more than 20 files extend each other" in refusal_of(tmp_path / "0.yaml")


@pytest.mark.parametrize("name", ['"a\\0b"', "x" * 5000, "loop.yaml", "/dev/zero", "pipe.yaml", "[a]", "''"])
def test_what_cannot_be_extended(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "a.yaml").write_text(f"extends: {name}\n")
    assert "no such config; give a file beside this one" in refusal_of(tmp_path / "a.yaml")


def test_a_second_name_of_a_file_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    os.link(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert "b.yaml extends this file again" in refusal_of(tmp_path / "a.yaml")


def test_a_key_stands_once() -> None:
    with pytest.raises(ValueError, match="line 3: 'name' stands there a second time; remove one"):
        parse_yaml("name: a\nother: 1\nname: b\n")
    with pytest.raises(ValueError, match="second time"):
        parse_yaml("a: [{b: 1, b: 1}]")
    assert parse_yaml("a: &a {b: 1, c: 2}\nd: {<<: *a, b: 3}\n1: x\n'1': y\n")["d"] == {"b": 3, "c": 2}


def test_numbers_have_an_end() -> None:
    assert parse_yaml("9" * LONGEST_NUMBER) == int("9" * LONGEST_NUMBER)
    for text in ("9" * (LONGEST_NUMBER + 1), "0x" + "f" * 5000, ":".join(["59"] * 3000), ":".join(["59"] * 300) + ".5"):
        with pytest.raises(ValueError, match="line 1: a number of"):
            parse_yaml(text)


@pytest.mark.parametrize("text", ['!!int ""', "!!bool maybe", "!!timestamp x", "!!float x"])
def test_tags_that_do_not_fit(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not fit its tag|could not convert"):
        parse_yaml(text)


@pytest.mark.parametrize("stage", ["x", 1, None, [1], True])
def test_what_is_no_training_stage(tmp_path: Path, stage: object) -> None:
    assert refused(tmp_path, training=[stage]).startswith("training.0: Input should be a valid dictionary")


def test_a_message_is_short_whatever_is_wrong(tmp_path: Path) -> None:
    assert len(refused(tmp_path, name="x" * 50_000)) < 400
    assert len(refused(tmp_path, **{"x" * 50_000: 1})) < 1200
    unknown = refused(tmp_path, **{f"key{at}": 1 for at in range(1000)})
    assert len(unknown) < 12_000
    assert unknown.endswith("; and 990 more mistakes")


def test_a_dataset_is_not_repeated_for_ever(tmp_path: Path) -> None:
    assert "epochs: Input should be less than or equal to 1000" in refused(
        tmp_path, "training.data=[{from: traces, epochs: 1000000000}]"
    )
    file = tmp_path / "fits.yaml"
    file.write_text(yaml.safe_dump(make_tree()))
    assert load_config(file, ["training.data=[{from: traces, epochs: 1000}]"]).training


@pytest.mark.parametrize(
    ("place", "most"),
    [
        ("evaluation.n", 100_000),
        ("judging.workers", 1024),
        ("judging.timeout_s", 1_000_000),
        ("judging.memory_mib", 1 << 24),
        ("judging.code.cpu_s", 10_000),
        ("judging.code.whole_s", 1_000_000),
        ("distribution.sampling_workers", 1024),
        ("distribution.judging_workers", 1024),
        ("distribution.stall_timeout_s", 1_000_000),
        ("launch.processes", 1024),
        ("training.seed", (1 << 32) - 1),
        ("teacher.engine.tensor_parallel_size", 1024),
    ],
)
def test_a_number_makes_nothing_without_an_end(place: str, most: int, tmp_path: Path) -> None:
    """A billion workers, or seconds that the operating system's own waits cannot hold."""
    given = ("launch.shard=ddp", "evaluation.temperature=1")
    make_config(tmp_path, *given, f"{place}={most}")
    for value in (most + 1, 10**9 * most, 10**30):
        assert refused(tmp_path, *given, f"{place}={value}").startswith(f"{place}: ")


def test_a_seed_below_zero_is_refused_before_anything_is_sampled(tmp_path: Path) -> None:
    assert refused(tmp_path, "training.seed=-1").startswith("training.seed: ")
    make_config(tmp_path, "sampling.seed=-1")
    make_config(tmp_path, f"sampling.seed={10**30}")


def test_a_plan_has_an_end(tmp_path: Path) -> None:
    """Every stage is planned before the first is built: 25,000 models on 25,000 benchmarks would fill any memory."""
    benchmark = make_tree()["benchmarks"]["held_out"]
    for count in (100, 101):
        benchmarks = {f"b{number}": benchmark for number in range(count)}
        models = {f"m{number}": {"path": "owner/name"} for number in range(100)}
        given = {"benchmarks": benchmarks, "evaluation": {"max_tokens": 500, "models": models}}
        if count == 100:
            make_config(tmp_path, **given)
        else:
            assert "100 models on 101 benchmarks; at most 10,000 pairs" in refused(tmp_path, **given)


def test_trainings_have_an_end(tmp_path: Path) -> None:
    stages = [{"name": f"s{number}", "max_length": 512} for number in range(200)]
    make_config(tmp_path, training=stages)
    assert "training: " in refused(tmp_path, training=[*stages, {"name": "last", "max_length": 512}])
    rounds = {"max_length": 500, "rounds": 100, "data": [{"from": {"sample": "previous", "n": 2, "max_tokens": 300}}]}
    two = [{"name": "one", **rounds}, {"name": "other", **rounds}]
    run = plan_distillation(make_config(tmp_path, training=two))
    assert len(run.checks) == 200
    told = refused(tmp_path, training=[*two, {"name": "last", "max_length": 500}])
    assert "training: 201 stages, rounds included; at most 200" in told

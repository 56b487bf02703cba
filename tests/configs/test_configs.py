"""Every shipped YAML loads, and every mistake in a config gives one line that names the key and the remedy."""

from pathlib import Path

import pytest
from config_makers import make_config, refusal, refused, written
from conftest import ROOT

from configs.load import load_config

SHIPPED = sorted(file for kind in ("demo", "pairs", "recipes") for file in (ROOT / "configs" / kind).glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_config_is_valid_and_named_after_its_file(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.name.removesuffix(".yaml")
    assert path.read_text().startswith("# ")


def test_configs_are_shipped() -> None:
    assert {"tiny.yaml", "qwq32b-qwen1.5b.yaml", "r1-32b-qwen7b.yaml", "qwen3-32b-qwen14b.yaml"} <= {
        path.name for path in SHIPPED
    }


def test_the_made_config_is_valid(tmp_path: Path) -> None:
    assert make_config(tmp_path).sampling.n == 4


@pytest.mark.parametrize("k", [1, 20])
def test_logprobs_need_a_teacher_whose_tokens_are_known(tmp_path: Path, k: int) -> None:
    assert make_config(tmp_path, f"sampling.logprobs={k}").sampling.logprobs == k
    server = {"kind": "server", "name": "t", "model": "m"}
    for teacher in ({"base_urls": ["http://a/v1"], "tokenizer": "owner/name"}, {"serve": {"path": "owner/name"}}):
        made = make_config(tmp_path, f"sampling.logprobs={k}", teacher=server | teacher)
        assert made.teacher.tokenizer_place == "owner/name"


# Keys


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sampling.tempurature=1", "sampling.tempurature: unknown key; did you mean temperature?"),
        ("techer=1", "techer: unknown key; did you mean teacher?"),
        (
            "teacher.engine.tensor_paralel_size=2",
            "teacher.engine.tensor_paralel_size: unknown key; did you mean tensor_parallel_size?",
        ),
        ("problems.0.colums={}", "problems.0.colums: unknown key; did you mean columns?"),
        ("benchmarks.held_out.0.sise=3", "benchmarks.held_out.0.sise: unknown key; did you mean size?"),
        ("training.data=[{form: traces}]", "training.data.0.form: unknown key; did you mean from?"),
    ],
)
def test_unknown_key_names_its_path_and_the_nearest_key(tmp_path: Path, override: str, message: str) -> None:
    assert refused(tmp_path, override) == message


def test_suggested_keys_belong_to_the_same_section(tmp_path: Path) -> None:
    # `max_tokens` is a key of sampling and `accuracy` of another kind of teacher: neither may be suggested here.
    assert refused(tmp_path, "training.max_tokens=9").startswith(
        "training.max_tokens: unknown key; did you mean max_length?"
    )
    assert refused(tmp_path, "teacher.accuracy=1").startswith("teacher.accuracy: unknown key; known: name, path,")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "sampling.n=many",
            "sampling.n: Input should be a valid integer, unable to parse string as an integer (got 'many')",
        ),
        ("training=5", "training: Input should be a valid list (got 5)"),
        ("teacher=[]", "teacher: Input should be a valid dictionary or object to extract fields from (got [])"),
        ("problems={}", "problems: Input should be a valid list"),
        ("sampling.n=0", "sampling.n: Input should be greater than or equal to 1 (got 0)"),
        (
            "teacher.dtype=float8",
            "teacher.dtype: Input should be 'auto', 'bfloat16', 'float16' or 'float32' (got 'float8')",
        ),
        ("name=a/b", "name: String should match pattern '^[A-Za-z0-9][A-Za-z0-9._-]*$' (got 'a/b')"),
        (
            "training.settings.learning_rate=.nan",
            "training.settings.learning_rate: Input should be a finite number (got nan)",
        ),
        ("sampling.temperature=.inf", "sampling.temperature: Input should be a finite number (got inf)"),
        ("teacher.kind=vlm", "teacher.kind: must be one of 'vllm', 'server', 'recorded', 'fake' (got 'vlm')"),
        ("student.name=", "student.name: required, but missing"),
    ],
)
def test_wrong_value_names_key_and_value(tmp_path: Path, override: str, message: str) -> None:
    assert refused(tmp_path, override) == message


def test_settings_of_a_task_must_have_a_stable_form(tmp_path: Path) -> None:
    at = "benchmarks.held_out.0.settings"
    assert refused(tmp_path, f"{at}.share=.nan") == f"{at}.share: Input should be a finite number (got nan)"
    assert refused(tmp_path, f"{at}.day=2026-01-01").startswith(f"{at}.day: input was not a valid JSON value")
    config = make_config(tmp_path, f"{at}.weights=[0.5, 1]")
    assert config.benchmarks["held_out"].sources[0].settings == {"weights": [0.5, 1]}


def test_missing_key(tmp_path: Path) -> None:
    assert refused(tmp_path, training={"settings": {}}) == "training.max_length: required, but missing"
    assert refused(tmp_path, student=None) == "student: required, but missing"
    assert refused(tmp_path, problems=[{"kind": "file"}]) == "problems.0.path: required, but missing"
    assert refused(tmp_path, teacher={"name": "nameless"}) == "teacher.kind: required, but missing"


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, "sampling.n=0", "training.max_length=x")
    assert message.startswith("sampling.n: ")
    assert "; training.max_length: " in message


# Files


def test_missing_file_lists_the_shipped_configs(tmp_path: Path) -> None:
    message = refusal(tmp_path / "tny.yaml")
    assert message.startswith(f"{tmp_path / 'tny.yaml'}: no such config; shipped: ")
    assert "tiny.yaml" in message


def test_directory_in_place_of_a_file(tmp_path: Path) -> None:
    assert "not readable as YAML: [Errno 21] Is a directory" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a config is a mapping of sections; found NoneType"),
        (b"- name: made\n", "a config is a mapping of sections; found list"),
        (b"made", "a config is a mapping of sections; found str"),
        (b"name: caf\xe9\n", "not readable as YAML: 'utf-8' codec can't decode byte 0xe9 in position 9"),
        (b"name: [made\nteacher: {\n", "not readable as YAML: while parsing a flow"),
        (b"name: 2026-02-30\n", "not readable as YAML: day is out of range for month"),
        (b"name: \x00\n", "not readable as YAML: unacceptable character #x0000"),
        (b"name: &loop [*loop]\n", "not readable as YAML: maximum recursion depth exceeded"),
        (b"1: 2\n", "Keys should be strings"),
    ],
)
def test_file_that_is_no_config(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in refusal(written(tmp_path, content))

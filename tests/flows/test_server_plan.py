"""Which settings of a server teacher enter an artifact's identity, and which are rejected before a run starts."""

from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from configs.load import ConfigError, load_config
from configs.schema import Config
from configs.servers import ServerTeacher
from flows.distill import plan_distillation
from flows.run.preflight import check
from records.errors import InputError

SERVERS = "{kind: server, name: fleet, model: big, base_urls: ['http://a/v1']}"
OWN = "{kind: server, name: fleet, model: big, serve: {path: owner/name}}"


def load(*overrides: str, teacher: str = SERVERS) -> Config:
    return load_config(ROOT / "configs" / "demo" / "fake.yaml", [f"teacher={teacher}", *overrides])


def name_of(*overrides: str, teacher: str = SERVERS) -> str:
    return plan_distillation(load(*overrides, teacher=teacher)).traces.artifact.fingerprint


@pytest.mark.parametrize(
    "override",
    [
        "base_urls=[http://b/v1, http://c/v1]",
        "api_key_env=SOME_KEY",
        "max_in_flight=7",
        "stream=true",
        "request_timeout_s=1",
        "connect_timeout_s=1",
        "retries=0",
        "max_backoff_s=100",
        "unreachable_timeout_s=1",
    ],
)
def test_how_servers_are_asked_does_not_shape_traces(override: str) -> None:
    assert name_of(f"teacher.{override}") == name_of()


@pytest.mark.parametrize("override", ["model=bigger", "extra_body={min_p: 0.1}", "thinks=false", "prompt.system=Think"])
def test_what_they_are_asked_for_does(override: str) -> None:
    assert name_of(f"teacher.{override}") != name_of()


def test_of_servers_started_here_the_weights_count_and_the_gpus_do_not() -> None:
    own = name_of(teacher=OWN)
    assert own != name_of()
    assert own == name_of("teacher.serve.gpus=[[0, 1], [2]]", "teacher.serve.first_port=8000", teacher=OWN)
    assert own == name_of("teacher.model=other", "teacher.serve.engine.max_num_seqs=3", teacher=OWN)
    for override in ("path=owner/other", "revision=main", "dtype=float16", "arguments={quantization: fp8}"):
        assert own != name_of(f"teacher.serve.{override}", teacher=OWN)


def test_a_missing_key_or_model_is_found_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(InputError, match="NO_SUCH_KEY is not set"):
        check(load("teacher.api_key_env=NO_SUCH_KEY"), tmp_path)
    with pytest.raises(InputError, match=r"correct teacher\.serve\.path"):
        check(load("teacher.serve.path=./nowhere", teacher=OWN), tmp_path)
    check(load(), tmp_path)


@pytest.mark.parametrize(
    "override",
    ["api_key_env=sk-0123456789", "api_key=sk-0123456789", "base_urls=['http://me:sk-0123456789@a/v1']"],
)
def test_a_key_in_the_config_is_refused_and_not_repeated(override: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(f"teacher.{override}")
    assert "sk-0123456789" not in str(caught.value)
    assert str(caught.value).count("teacher") >= 1


def test_the_examples_of_the_guide_are_configs() -> None:
    guide = (ROOT / "docs" / "servers.md").read_text()
    examples = [part.partition("```")[0] for part in guide.split("```yaml\n")[1:]]
    assert len(examples) == 4
    for example in examples:
        ServerTeacher.model_validate(yaml.safe_load(example)["teacher"])


def test_a_truncated_text_cannot_be_continued_over_chat() -> None:
    with pytest.raises(ConfigError, match="set a larger max_tokens instead of continue_truncated"):
        load("sampling.second_chances=[{continue_truncated: true}]")

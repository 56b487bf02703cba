"""Sections that do not fit together are refused in one line, and those that do are not."""

from pathlib import Path

import pytest
from config_makers import make_config, refused


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["teacher={kind: recorded, name: r, files: [{path: traces.jsonl}]}"],
            "config: a recorded teacher brings its own problems: remove problems and sampling",
        ),
        (["sampling=null"], "config: sampling a teacher needs both problems and sampling"),
        (["problems=[]"], "config: sampling a teacher needs both problems and sampling"),
        (
            ["sampling.n=4", "sampling.temperature=0"],
            "sampling: n=4 at temperature 0 draws the same trace 4 times; raise one or lower n",
        ),
        (
            ["sampling={max_tokens: 9, accept: 4, temperature: 0}"],
            "sampling: max_n=64 at temperature 0 draws the same trace 64 times; raise one or lower max_n",
        ),
        (
            ["sampling={max_tokens: 9, accept: 4, n: 4}"],
            "sampling: n draws a fixed number, accept draws until enough are accepted: unset one of them, "
            "sampling.n= or sampling.accept=null",
        ),
        (
            ["sampling.max_n=8", "sampling.speculate=false"],
            "sampling: max_n goes with accept: set sampling.accept, or unset sampling.max_n= sampling.speculate=",
        ),
        (
            ["sampling={max_tokens: 9, accept: 4, max_n: 3}"],
            "sampling: max_n=3 can never give accept=4 accepted traces: raise max_n or lower accept",
        ),
        (
            ["sampling.budget.money=5"],
            "sampling: budget.money needs a price: set price.completion_per_million or price.per_hour",
        ),
        (["sampling.logprobs=0"], "sampling.logprobs: Input should be greater than or equal to 1 (got 0)"),
        (["sampling.logprobs=21"], "sampling.logprobs: Input should be less than or equal to 20 (got 21)"),
        (
            ["sampling.logprobs=5", "teacher={kind: server, name: t, model: m, base_urls: ['http://a/v1']}"],
            "config: sampling.logprobs: nobody could say which vocabulary the servers' token ids belong to; set "
            "teacher.tokenizer to the model's tokenizer",
        ),
        (
            ["sampling.second_chances=[{max_tokens: 1024}]"],
            "config: sampling.max_tokens must leave room for the prompt: below 1024",
        ),
        (
            ["sampling.second_chances=[{hint: 'It is {reference}.'}]"],
            "sampling.second_chances.0: hint: must contain {problem} and {reference}, or be `default`",
        ),
        (
            ["sampling.second_chances=[{hint: default, continue_truncated: true}]"],
            "sampling.second_chances.0: continue_truncated goes on with a given text: remove prompt and hint",
        ),
        (
            ["sampling={max_tokens: 9, n: 1, temperature: 0, second_chances: [{max_n: 2}]}"],
            "sampling: second_chances at temperature 0 draw the same trace again: give them a temperature",
        ),
        (["sampling.max_tokens=1024"], "config: sampling.max_tokens must leave room for the prompt: below 1024"),
        (
            ["evaluation.max_tokens=512"],
            "config: evaluation.max_tokens must leave room for the prompt: below 512, the max_model_len of base",
        ),
        (["evaluation.budgets.think=[0]"], "evaluation.budgets.think.0: Input should be greater than 0 (got 0)"),
        (
            ["evaluation.budgets.think=[20, 10]"],
            "evaluation.budgets: think: give every budget once, the smallest first: [10, 20]",
        ),
        (
            ["evaluation.budgets={think: [400], answer_tokens: 101}"],
            "evaluation: budgets: 400 tokens of thinking and 101 of the answer exceed max_tokens (500); lower think or "
            "answer_tokens, or raise max_tokens",
        ),
        (
            ["evaluation.budgets={wait: 1}", "student.reasoning=hidden"],
            "config: evaluation.budgets bounds reasoning: the student is trained to answer without; remove it",
        ),
        (["evaluation=null"], "config: benchmarks and evaluation go together: give both or neither"),
        (["benchmarks={}"], "config: benchmarks and evaluation go together: give both or neither"),
        (
            ["evaluation.models={student: [int8, nf4]}"],
            "evaluation.models.student: must contain full, which the quantized ones are compared with "
            "(got ['int8', 'nf4'])",
        ),
        (
            ["evaluation.models={studnet: [full]}"],
            "config: evaluation.models.studnet: no such model; did you mean student? known: base, student, teacher; "
            "any other needs a path",
        ),
        (
            ["evaluation.models={student: [full, full]}"],
            "evaluation.models.student: full: listed twice; remove one (got ['full', 'full'])",
        ),
        (
            ["evaluation.models={base: {path: a/b}}"],
            "config: evaluation.models.base: is a model of the run; remove its path, or choose another name",
        ),
        (
            ["evaluation.models={base: {dtype: float16}}"],
            "evaluation.models.base: dtype belongs to a model with a path; set it where the run declares its own model",
        ),
        (
            ["evaluation.models={sft: [full]}"],
            "config: evaluation.models.sft: the last training stage makes the student; name it student",
        ),
        (
            ["evaluation.models={teacher: [full]}", "teacher={kind: fake}"],
            "config: evaluation.models.teacher: only a teacher of kind vllm is measured, because the kernels and the "
            "dtype of others are not known here; remove it, or give its weights another name with their path",
        ),
        (
            ["evaluation.models={other: {path: a/b, max_model_len: 500}}"],
            "config: evaluation.max_tokens must leave room for the prompt: below 500, the max_model_len of other",
        ),
        (
            ["student.dtype=float32"],
            "config: evaluation.models.student: int8, nf4 computes in 16 bits and would be compared with float32; set "
            "the model's dtype to bfloat16, remove int8, nf4, or set evaluation.mix_runtimes=true",
        ),
        (
            ["evaluation.models={student: [full], teacher: [full]}", "teacher.dtype=float16"],
            "config: evaluation.models.teacher: computes in float16 and student in bfloat16, so that they cannot be "
            "compared; give both one dtype, or set evaluation.mix_runtimes=true",
        ),
        (
            ["student.engine.tensor_parallel_size=2"],
            "config: evaluation.models.student: vLLM runs quantized weights on one GPU only; set "
            "engine.tensor_parallel_size=1 for this model, or remove int8, nf4",
        ),
        (["training.max_length=513"], "config: training.max_length exceeds student.max_model_len (512)"),
        (
            ["training.settings.max_steps=0"],
            "training: settings.max_steps: 0 would train nothing; give a number of steps, or -1 to count epochs",
        ),
        (
            ["teacher.prompt.user=Solve it."],
            "teacher.prompt: user: must contain {problem}, or every problem would get the same prompt",
        ),
        (["teacher.path=null"], "teacher: give either path (existing weights) or scratch (train from nothing)"),
        (
            [
                "student.scratch={solutions: bare, problems: [{kind: reasoning_gym, task: chain_sum, size: 3}],"
                " training: {max_length: 64}, architecture: {hidden_size: 8, intermediate_size: 8,"
                " num_hidden_layers: 1, num_attention_heads: 1, num_key_value_heads: 1, head_dim: 8, vocab_size: 270}}"
            ],
            "student: give either path (existing weights) or scratch (train from nothing)",
        ),
    ],
)
def test_sections_that_do_not_fit(tmp_path: Path, overrides: list[str], message: str) -> None:
    assert refused(tmp_path, *overrides) == message


def test_recorded_and_fake_teachers(tmp_path: Path) -> None:
    recorded = {"kind": "recorded", "name": "r", "files": [{"path": "traces.jsonl"}]}
    assert make_config(tmp_path, teacher=recorded, problems=None, sampling=None).sampling is None
    # A fake teacher has no context to exceed.
    assert make_config(tmp_path, "sampling.max_tokens=99999", teacher={"kind": "fake"}).teacher.kind == "fake"


def test_mixed_runtimes_are_measured_if_asked_for(tmp_path: Path) -> None:
    config = make_config(tmp_path, "student.dtype=float32", "evaluation.mix_runtimes=true")
    assert config.student.dtype == "float32"
    auto = make_config(tmp_path, "evaluation.models={student: [full], teacher: [full]}", "teacher.dtype=auto")
    assert list(auto.evaluation.models) == ["student", "teacher"], "what it becomes is seen when it is sampled"
    full = make_config(tmp_path, "student.dtype=float32", "evaluation.models={student: [full]}")
    assert full.evaluation.models["student"].precisions == ["full"]


def test_an_unset_template_is_the_students_and_a_null_one_the_tokenizers(tmp_path: Path) -> None:
    def template_of(other: str) -> str | None:
        models = f"evaluation.models={{other: {other}}}"
        config = make_config(tmp_path, "student.template=chatml", models)
        return config.evaluation.models["other"].as_model("other", config.student).template

    assert "<|im_start|>" in str(template_of("{path: a/b}"))
    assert "<|start_header_id|>" in str(template_of("{path: a/b, template: llama3}"))
    assert template_of("{path: a/b, template: null}") is None


def test_no_benchmarks_and_no_evaluation(tmp_path: Path) -> None:
    assert make_config(tmp_path, benchmarks=None, evaluation=None).evaluation is None


def test_positions_reach_as_far_as_the_context(tmp_path: Path) -> None:
    positions = "student.positions={max_position_embeddings: %d}"
    assert make_config(tmp_path, positions % 512).student.positions_given == 512
    assert make_config(tmp_path).student.positions_given is None
    assert "must be at least max_model_len (512)" in refused(tmp_path, positions % 511)


def test_an_adapter_belongs_to_a_base_with_its_own_rotary_base(tmp_path: Path) -> None:
    adapter = ("training.lora={}", "publishing.formats=[adapter]")
    make_config(tmp_path, *adapter, "student.positions={max_position_embeddings: 512}")
    turned = "student.positions={max_position_embeddings: 512, rope_theta: 3e5}"
    make_config(tmp_path, turned)
    assert "loaded on the base with the base's rope_theta" in refused(tmp_path, *adapter, turned)


@pytest.mark.parametrize("value", ["yes", "on", "no", "off", "true", "[no]"])
@pytest.mark.parametrize("key", ["sampling.accept", "sampling.temperature", "training.held_out", "training.seed"])
def test_yes_and_no_are_no_numbers(tmp_path: Path, key: str, value: str) -> None:
    told = refused(tmp_path, f"{key}={value}")
    assert f"{key.rpartition('.')[2]}: must be a number; yes, on, true, no, off and false are none" in told


def test_yes_and_no_stand_where_they_are_meant(tmp_path: Path) -> None:
    config = make_config(
        tmp_path, "sampling.stop_loops=no", "training.settings.packing=no", "selection.max_per_source=3"
    )
    assert (config.sampling.stop_loops, config.training[0].settings["packing"]) == (False, False)
    assert "max_per_source: must be a number" in refused(tmp_path, "selection.max_per_source={a: yes}")

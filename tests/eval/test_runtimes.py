"""Only what was sampled alike is compared, unless it is asked for; then the difference says so."""

from dataclasses import replace

import pytest
from runtime_makers import VLLM

from eval.metrics.formats import evidence
from eval.runtimes import label_runtimes, mixed_comparisons, runtime_rows
from eval.variants import BASE, STUDENT, Comparison
from records.errors import InputError
from records.rows import Score, Variant
from records.runtime import Runtime

NF4 = Variant("student", "nf4")
QUANTIZED = replace(VLLM, quantization="bitsandbytes nf4")
GAIN, CHANGE = Comparison("gain_over_base", STUDENT, BASE), Comparison("change_from_full", NF4, STUDENT)


def mixed(base: list[Runtime], student: list[Runtime], nf4: list[Runtime]) -> dict[Comparison, str]:
    return mixed_comparisons("b", {BASE: base, STUDENT: student, NF4: nf4}, allowed=True)


def test_quantization_and_graphs_are_no_other_runtime() -> None:
    assert mixed([VLLM], [replace(VLLM, eager=False)], [QUANTIZED]) == {}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"engine": "transformers"}, "transformers 0.32.0"),
        ({"version": "0.33.0"}, "vllm 0.33.0"),
        ({"device": "NVIDIA H100"}, "NVIDIA H100"),
        ({"attention": "FLASH_ATTN"}, "FLASH_ATTN"),
        ({"dtype": "float16"}, "float16"),
        ({"penalties": (1.1, 0.0, 0.0)}, "1.1"),
    ],
)
def test_other_kernels_and_penalties_are_refused_between_any_two_models(changed: dict[str, object], told: str) -> None:
    other = replace(VLLM, **changed)
    with pytest.raises(InputError, match=r"^b: student full and base full were not sampled alike .*mix_runtimes=true$"):
        mixed_comparisons("b", {BASE: [VLLM], STUDENT: [other]}, allowed=False)
    found = mixed([VLLM], [other], [replace(QUANTIZED, **changed)])
    assert found.keys() == {GAIN, Comparison("gain_over_base", NF4, BASE)}
    assert told in found[GAIN]
    assert "against" in found[GAIN]


@pytest.mark.parametrize("changed", [{"template": "ffffff"}, {"stop_tokens": ("<|im_end|>",)}])
def test_template_and_stop_tokens_may_differ_between_models_but_not_between_precisions(
    changed: dict[str, object],
) -> None:
    other = replace(VLLM, **changed)
    assert mixed([VLLM], [other], [replace(other, quantization="nf4")]) == {}
    assert mixed([VLLM], [VLLM], [other]).keys() == {CHANGE}


def test_the_order_of_stop_tokens_does_not_count() -> None:
    assert mixed([VLLM], [VLLM], [replace(VLLM, stop_tokens=VLLM.stop_tokens[::-1])]) == {}


def test_a_model_that_was_sampled_in_two_runtimes_is_compared_with_none() -> None:
    both = [VLLM, replace(VLLM, dtype="float16")]
    assert mixed([VLLM], both, both).keys() == {GAIN, Comparison("gain_over_base", NF4, BASE), CHANGE}


def test_an_unknown_runtime_is_another_one() -> None:
    assert "unknown" in mixed([VLLM], [], [QUANTIZED])[GAIN]


def score(metric: str, variant: Variant, why: str = "") -> Score:
    fields = {"value": 0.5, "low": 0.4, "high": 0.6, "n_problems": 9, "n_samples": 9, "p": 0.5, "detectable": 0.2}
    return Score(benchmark="b", model=variant.model, precision=variant.precision, metric=metric, why=why, **fields)  # type: ignore[arg-type]


def test_every_score_names_its_runtime_and_a_mixed_difference_what_differs() -> None:
    other = replace(VLLM, dtype="float16")
    runtimes = {BASE: [VLLM], STUDENT: [other]}
    scores = [score("pass@1", BASE), score("pass@1", STUDENT), score("gain_over_base", STUDENT)]
    base, student, gain = label_runtimes(scores, runtimes, mixed_comparisons("b", runtimes, allowed=True))
    assert (base.runtime, student.runtime, gain.runtime) == (str(VLLM), str(other), str(other))
    assert (base.why, student.why) == ("", "")
    assert gain.why == f"mixes runtimes: {other.kernels} against {VLLM.kernels}"
    assert gain.why in evidence(gain)


def test_the_reason_why_a_difference_was_not_computed_stays() -> None:
    (found,) = label_runtimes([score("gain_over_base", STUDENT, "not computed")], {STUDENT: [VLLM]}, {GAIN: "mixed"})
    assert found.why == "not computed. mixed"


def test_rows_hold_every_field_of_every_runtime() -> None:
    rows = runtime_rows("b", {BASE: [VLLM], NF4: [QUANTIZED, VLLM]})
    assert [(row["model"], row["precision"], row["quantization"]) for row in rows] == [
        ("base", "full", ""),
        ("student", "nf4", "bitsandbytes nf4"),
        ("student", "nf4", ""),
    ]
    assert rows[0]["stop_tokens"] == VLLM.stop_tokens

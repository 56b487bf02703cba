"""Checks an engine that has started on weights trained here: it must compute the model that was trained."""

from typing import Any, Protocol

from records.errors import InputError
from records.probe import FILE, Probe, difference
from records.same_model import short_until
from records.training_log import RECORDS

ASKED = 20
"""Most probable tokens that vLLM tells at each place, its most."""
IN_32_BITS, IN_16_BITS = 0.1, 0.5
"""Nats by which the log-probabilities of the two engines may differ, on average over all places. Rounding makes 1e-5 in
32 bits; in 16 it makes 0.03 in tiny models, and may make some 0.1 in large ones, where logits of 16 and more are
multiples of 1/8. Another model's differ by nats, once it is trained."""
FAR = 8.0
"""Nats by which the tokens of a probe are improbable, on average, from where on more may differ in proportion: rounding
is relative. A trained model of three layers differs in 16 bits by 0.1, and by 0.9 if its logits are multiplied by 8;
from one with twice its rotary base by 1.7 and 14."""


class Asked(Protocol):
    """Makes a request's parameters (vLLM's SamplingParams)."""

    def __call__(self) -> Any: ...


def check_probe(llm: Any, path: str, probe: Probe, dtype: str, context: int, asked: Asked) -> None:
    """Compare what vLLM's LLMEngine says with what the training kept, unless the preflight has told that it computes
    the text with other rotary factors. Errors: InputError if it is another model."""
    first = short_until(llm.model_config.hf_config)
    if first and (len(probe.ids) > first) != (context > first):
        print(f"{path}: not compared with the trained model, as vLLM takes the other rotary factors", flush=True)
        return
    places = [place for place, length in enumerate(probe.lengths) if length < context]
    if not places:
        return
    try:
        apart = [
            difference(probe.top[place], answered(llm, probe.ids[: probe.lengths[place]], asked())) for place in places
        ]
    except ValueError as error:  # a token that is not in the vocabulary
        raise InputError(f"{path}: vLLM cannot read the training's probe ({error}); train it again") from error
    said = [logprob for place in places for logprob in probe.top[place].values()]
    rounding = IN_32_BITS if dtype == "float32" and not probe.in_16_bits else IN_16_BITS
    found, most = sum(apart) / len(apart), rounding * max(1.0, -sum(said) / len(said) / FAR)
    print(f"{path}: vLLM's log-probabilities differ by {found:.2g} nats from those of the trained model", flush=True)
    if not found <= most:
        raise InputError(
            f"{path}: vLLM runs another model than was trained: their log-probabilities differ by {found:.2g} nats on "
            f"average (rounding makes less than {most:.2g}). An entry of the base's config.json, or a file beside its "
            "weights, means something to one of them alone: compare it with the fields of its class in transformers, "
            f"and train a corrected copy. If its files were changed since, delete {RECORDS}/{FILE} of them"
        )


def answered(llm: Any, ids: list[int], params: Any) -> dict[int, float]:
    """Return the log-probabilities of the most probable tokens behind `ids`."""
    llm.add_request("probe", {"type": "token", "prompt_token_ids": ids}, params)
    while True:
        for output in llm.step():
            if output.finished:
                told = output.outputs[0].logprobs
                return dict(zip(told.token_ids, told.logprobs, strict=True))

"""Which reward models vLLM serves, and how it reads them. What is not here runs in transformers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.scorers import ModelScorer, ProcessScorer
from filters.scorers.checkpoint import architectures, named, read_config, tensor_names
from filters.scorers.forms import FORMS
from records.errors import InputError
from records.pooling import Pooling

FAMILIES = ("Gemma", "Llama", "Mistral", "Mixtral", "Phi3", "Qwen2", "Qwen3", "Qwen3Moe")
"""Models whose heads vLLM 0.32 puts on its own code of the language model (`as_seq_cls_model`): the logits of
each were compared with transformers' on the CPU, as tiny models of random weights with one label. Gemma2 is not here:
it was not compared since transformers caps its attention scores (records/attention.py)."""
HEAD, BIAS = "score.weight", "score.bias"


@dataclass(frozen=True, slots=True)
class Served:
    """How vLLM reads a form. Made here; read by `filters.scorers.in_vllm`."""

    architectures: tuple[str, ...]
    every_token: bool
    """False if the score is read at the text's last token only."""
    right: int = 0
    """Which of two labels says that a step is right."""
    tensors: tuple[str, ...] = ()
    """The head's tensors. vLLM's own words for a missing one are a traceback."""


def of_families(head: str) -> tuple[str, ...]:
    return tuple(family + head for family in FAMILIES)


SERVED: dict[str, Served] = {
    "outcome": Served(of_families("ForSequenceClassification"), every_token=False, tensors=(HEAD,)),
    "trl": Served(of_families("ForTokenClassification"), every_token=True, right=1, tensors=(HEAD, BIAS)),
    "qwen_math_prm": Served(("Qwen2ForProcessRewardModel",), every_token=True, right=1),
    # Of a language model the rows of two tokens are taken from the output layer: (right, wrong) as `Form.labels`.
    "rlhflow": Served(of_families("ForCausalLM"), every_token=True),
    "math_shepherd": Served(of_families("ForCausalLM"), every_token=True),
}
"""By the names of `configs.scorers.Form`, and `outcome`. Skywork's value head is not here: vLLM 0.32 ends with "There
is no module or parameter named 'v_head'" (model_executor/models/utils.py, `AutoWeightsLoader`)."""


def form_of(scorer: ModelScorer) -> str:
    return scorer.form if isinstance(scorer, ProcessScorer) else "outcome"


def why_not_served(scorer: ModelScorer, folder: Path | None) -> str:
    """Return why vLLM cannot serve a scorer's model; empty if it can. `folder` is None if its files are not here yet.
    Errors: InputError for unreadable files."""
    form = form_of(scorer)
    served = SERVED.get(form)
    if served is None:
        return f"vLLM does not serve the form {form}, only {', '.join(SERVED)}"
    if folder is None:
        return ""
    config = read_config(folder)
    if not set(architectures(config)) & set(served.architectures):
        listed = ", ".join(served.architectures)
        return f"vLLM does not serve {named(config)} as {form}, only {listed}"
    tensors = tensor_names(folder)
    lacking = [name for name in served.tensors if tensors and name not in tensors]
    return f"its files lack {lacking[0]}, without which vLLM does not load it" if lacking else ""


def check_served(scorer: ModelScorer, place: str, folder: Path | None) -> None:
    """Check that vLLM can serve a scorer that asks for it by name. Errors: InputError."""
    if scorer.engine == "vllm" and (reason := why_not_served(scorer, folder)):
        raise InputError(f"{place}: {reason}; set its engine to transformers or auto")


def pooling_of(scorer: ModelScorer, tokenizer: Any) -> Pooling:
    """Return what an engine is asked for a scorer that it serves. Errors: InputError for a tokenizer that does not give
    the tokens of right and wrong back by their names, which is how vLLM finds them."""
    form = form_of(scorer)
    labels = FORMS[form].labels if form in FORMS else None
    if labels is None:
        return Pooling(SERVED[form].every_token)
    ids = list(labels(tokenizer))
    names = tokenizer.convert_ids_to_tokens(ids)
    if tokenizer.convert_tokens_to_ids(names) != ids:
        raise InputError(
            f"{tokenizer.name_or_path}: its tokens {', '.join(names)} have no names of their own, by which vLLM finds "
            "them; set the scorer's engine to transformers"
        )
    return Pooling(SERVED[form].every_token, tuple(names))

"""What a trained model says of a text, as transformers computes it. vLLM says the same if it runs the same model.

Whatever has the two engines make different models of the same files (an entry of config.json that one of them passes
over, a file beside the weights, a default, a mistake of theirs), shows there, known or not.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from records.errors import InputError
from records.files import write_json
from records.training_log import RECORDS

FILE = "probe.json"
MOST_PLACES = 100
"""Places of a probe that are read, each of which is a request; a training keeps eight."""
TOP = 5
"""The most probable tokens whose log-probabilities are kept at each place."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Written by a training; read by vLLM's engine when it starts on the weights."""

    ids: list[int]
    """The tokens of the text."""
    lengths: list[int]
    """How many of them the model has read at each place, from few to all."""
    in_16_bits: bool
    """True if they were computed in 16 bits, in whole or in part."""
    top: list[dict[str, float]]
    """The log-probabilities of the most probable next tokens at each place, by their ids."""


def write_probe(folder: Path, probe: Probe) -> None:
    (folder / RECORDS).mkdir(exist_ok=True)
    write_json(folder / RECORDS / FILE, asdict(probe))


def read_probe(folder: Path) -> Probe | None:
    """Return None for a model that was not trained here. Errors: InputError for a file that no training wrote."""
    file = folder / RECORDS / FILE
    if not file.is_file():
        return None
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
        found = Probe(
            ids=[int(one) for one in tree["ids"]],
            lengths=[int(one) for one in tree["lengths"]],
            in_16_bits=bool(tree["in_16_bits"]),
            top=[{str(int(token)): float(said) for token, said in one.items()} for one in tree["top"]],
        )
        if not all(0 < length <= len(found.ids) for length in found.lengths) or not all(found.top):
            raise ValueError("a place without a text or tokens")
        if not 0 < len(found.lengths) == len(found.top) <= MOST_PLACES:
            raise ValueError("places and tokens that do not match")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise InputError(f"{file}: not what a training wrote ({type(error).__name__}); delete it") from error
    return found


def difference(said: dict[str, float], other: dict[int, float]) -> float:
    """Return by how many nats two lists of most probable tokens differ, on average over those of the first. One that is
    not among the others', which are more, is at most as probable there as the last of them."""
    last = min(other.values())
    apart = (
        abs(logprob - other[int(token)]) if int(token) in other else max(logprob - last, 0.0)  # NaN stays NaN
        for token, logprob in said.items()
    )
    return sum(apart) / len(said)

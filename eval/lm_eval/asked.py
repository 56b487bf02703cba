"""How a variant was asked, as the manifests of its completions say. A manifest may be a stranger's: every value that is
used has its type checked."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from configs.prompt import Prompt
from eval.comparing.lineage import Made
from records.errors import InputError
from records.files import MANIFEST

Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How completions were drawn. Made by `drawn_as`."""

    temperature: Number
    max_tokens: Annotated[int, Field(ge=1)]
    top_p: Number = 1.0
    top_k: int = -1
    """-1 for all tokens."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was asked, and by which prompt. Made by `drawn_as`."""

    prompt: dict[str, Any]
    """The fields of `configs.prompt.Prompt`, never the name of a file."""
    thinks: bool
    dtype: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The settings of a stage that draws completions. Made by `drawn_as`; read by the task of lm-eval."""

    evaluation: Sampling
    model: Model


@dataclass(frozen=True, slots=True)
class Rules:
    require_box: bool


@dataclass(frozen=True, slots=True)
class Judged:
    judging: Rules


def drawn_as(sampled: Made) -> tuple[Sampling, Model, Prompt]:
    """Return how completions were drawn. Errors: InputError if the manifest does not say it."""
    drawn = settings_of(sampled, Drawn)
    try:
        return drawn.evaluation, drawn.model, Prompt.model_validate(drawn.model.prompt)
    except ValidationError as error:
        raise refused(sampled, error) from error


def requires_box(judged: Made) -> bool:
    """Return whether an answer had to be boxed. Errors: InputError if the manifest does not say it."""
    return settings_of(judged, Judged).judging.require_box


def settings_of(made: Made, kind: type[Kind]) -> Kind:
    try:
        return TypeAdapter(kind).validate_python(made.inputs.settings)
    except ValidationError as error:
        raise refused(made, error) from error


def refused(made: Made, error: ValidationError) -> InputError:
    first = error.errors()[0]
    place = ".".join(map(str, ("settings", *first["loc"])))
    return InputError(
        f"{made.artifact.path / MANIFEST}: does not say how the model was asked ({place}: {first['msg'].lower()}); "
        "evaluate the run again"
    )

"""The models that an evaluation measures, and the precisions of each."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from configs.models import Dtype, Engine, Model
from configs.prompt import Prompt
from configs.section import Section
from configs.template import ChatTemplate

Precision = Literal["full", "int8", "nf4", "nf4_plain", "fp4"]
"""`full` is the model's dtype; the others are bitsandbytes' (`records.quantization`)."""


class EvaluatedModel(Section):
    """A model that is measured. A list of precisions alone stands for `{precisions: […]}`.

    `base`, `student`, `teacher` and the names of training stages are models of the run. Any other name needs a `path`;
    what is not set beside it is as the student's.
    """

    precisions: list[Precision] = Field(default=["full"], min_length=1)
    """The quantized ones are compared with `full`, so it must be among them."""
    path: str | None = None
    """A local model directory or a Hugging Face name (`owner/name`)."""
    revision: str | None = None
    """Commit or tag of a Hugging Face name."""
    dtype: Dtype | None = None
    """`null`: as the student's."""
    max_model_len: int | None = Field(default=None, ge=16)
    """`null`: as the student's."""
    template: ChatTemplate | None = None
    """A chat template; `template: null` takes the tokenizer's own, even if the student is given another."""
    prompt: Prompt | None = None
    """`null`: as the student's."""
    thinks: bool | None = None
    """`null`: as the student's."""
    engine: Engine | None = None
    """`null`: as the student's."""

    @model_validator(mode="before")
    @classmethod
    def may_be_a_list(cls, given: Any) -> Any:
        return {"precisions": given} if isinstance(given, list) else given

    @field_validator("precisions")
    @classmethod
    def are_comparable(cls, precisions: list[Precision]) -> list[Precision]:
        if repeated := sorted({name for name in precisions if precisions.count(name) > 1}):
            raise ValueError(f"{', '.join(repeated)}: listed twice; remove one")
        if "full" not in precisions:
            raise ValueError("must contain full, which the quantized ones are compared with")
        return precisions

    @model_validator(mode="after")
    def settings_need_a_path(self) -> "EvaluatedModel":
        given = sorted(self.model_fields_set - {"precisions", "path"})
        if self.path is None and given:
            raise ValueError(f"{given[0]} belongs to a model with a path; set it where the run declares its own model")
        return self

    @property
    def quantized(self) -> list[Precision]:
        return [precision for precision in self.precisions if precision != "full"]

    def as_model(self, name: str, student: Model) -> Model:
        """Return the whole settings of a model with a path; what is not set is as the student's."""
        own = {field: getattr(self, field) for field in self.model_fields_set - {"precisions"}}
        shared = {field: getattr(student, field) for field in Model.model_fields if field not in UNSHARED}
        return Model.model_validate(shared | own | {"name": name})


UNSHARED = {"name", "path", "revision", "scratch"}
"""Fields of the student that another model does not take from it."""

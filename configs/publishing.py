"""Settings of the published checkpoint and of the formats that it is exported to."""

from typing import Literal

from pydantic import Field, field_validator

from configs.section import Section

Format = Literal["adapter", "int8", "nf4", "nf4_plain", "fp4", "gguf_f16", "gguf_q8_0", "gguf_q4_0"]


class ExportCheck(Section):
    """How every exported format is tried: it answers prompts of the dataset, those with the shortest answers."""

    prompts: int = Field(default=8, ge=1)
    """Number of prompts that are tried."""
    max_tokens: int = Field(default=4096, ge=1)
    """An answer that is longer does not count as one that stops by itself."""
    min_agreement: float = Field(default=0.2, ge=0, le=1)
    """An export that agrees with fewer of the student's own greedy tokens is broken, and refused."""


class Publishing(Section):
    """The checkpoint's card, its sampling defaults, and further formats."""

    license: str = "apache-2.0"
    """SPDX identifier for the model card; the teacher's licence may forbid a permissive one."""
    teacher_license: str | None = None
    """Licence of the teacher, for the card: an SPDX identifier or a name. `null` looks up the teachers that are known
    (`student.export.licenses`)."""
    temperature: float = Field(default=0.6, ge=0)
    """The checkpoint's own sampling defaults, in its generation_config.json: temperature, top-p and top-k."""
    top_p: float = Field(default=0.95, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    """0 is off. At temperature 0, the checkpoint decodes greedily without any of the three."""
    formats: list[Format] = []
    """Formats besides the checkpoint in the student's dtype, each in an artifact of its own. `nf4` has double
    quantization, `nf4_plain` and `fp4` have none; `adapter` needs a last training stage with `lora`
    that starts from the base."""
    check: ExportCheck = ExportCheck()

    @field_validator("formats")
    @classmethod
    def are_listed_once(cls, formats: list[Format]) -> list[Format]:
        if repeated := sorted({name for name in formats if formats.count(name) > 1}):
            raise ValueError(f"{', '.join(repeated)}: listed twice; remove one")
        return formats

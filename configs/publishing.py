"""Settings of the published checkpoint."""

from pydantic import Field

from configs.section import Section


class Publishing(Section):
    """The checkpoint's card and sampling defaults."""

    license: str = "apache-2.0"
    """SPDX identifier for the model card; the teacher's licence may forbid a permissive one."""
    temperature: float = Field(default=0.6, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    """0 is off. At temperature 0, the checkpoint decodes greedily without any of the three."""

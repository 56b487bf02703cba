"""Settings that let a run fail if its student is not good enough."""

from collections.abc import Collection

from pydantic import Field, model_validator

from configs.section import Section


class Gate(Section):
    """Conditions that the scores must meet, each shown at `tolerance.confidence`. If one is not, the run builds
    everything all the same, and its exit status is 1."""

    beats_base: bool = False
    """The student must be shown to be better than its base, over all benchmarks."""
    quantized_within: dict[str, float] = Field(default={}, examples=[{"nf4": 2.0}])
    """For a precision, the percentage points, above 0 and at most 100, below which its loss must be shown to be."""

    @model_validator(mode="after")
    def asks_for_something(self) -> "Gate":
        if not self.beats_base and not self.quantized_within:
            raise ValueError("has no condition; set beats_base or quantized_within, or remove it")
        for precision, points in self.quantized_within.items():
            if not 0 < points <= 100:
                raise ValueError(f"quantized_within.{precision}: give percentage points above 0, at most 100")
        return self

    def check(self, known: Collection[str], measured: Collection[str], base: bool) -> None:
        """Check that the student is measured in every precision with a condition, and that its `base` is measured if it
        must be beaten. Errors: ValueError."""
        if self.beats_base and not (base and measured):
            raise ValueError("gate.beats_base: needs base and student in evaluation.models; add them, or remove it")
        for precision in self.quantized_within:
            place = f"gate.quantized_within.{precision}"
            if precision not in known or precision == "full":
                quantized = ", ".join(name for name in known if name != "full")
                raise ValueError(f"{place}: no such quantized precision; there are {quantized}")
            if precision not in measured:
                raise ValueError(
                    f"{place}: the student is not measured in {precision}; add it, or remove the condition"
                )

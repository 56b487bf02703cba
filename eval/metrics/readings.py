"""The samples of one variant as each rule of extraction judges them."""

from dataclasses import dataclass

from eval.metrics.samples import Samples
from records.rows import LENIENT, STRICT


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One variant's samples on one benchmark. Made by `read_readings`; read by scores and comparisons."""

    strict: Samples
    lenient: Samples | None = None
    """The same samples with answers read leniently; None if they were not."""
    own: str = STRICT
    """The rule by which the model is measured."""

    @property
    def by_own_rule(self) -> Samples:
        return self.by(self.own)

    def by(self, rule: str) -> Samples:
        """Return the samples as a rule judges them. Errors: ValueError if they were not judged by it."""
        samples = {STRICT: self.strict, LENIENT: self.lenient}[rule]
        if samples is None:
            raise ValueError(f"no answers were read by the rule {rule!r}")
        return samples


def rule_for_both(ours: Readings, theirs: Readings) -> str:
    """Return the rule by which two models are compared: the lenient one if either is measured by it and both were read
    by it, so that neither gains by how its answers look."""
    both = ours.lenient is not None and theirs.lenient is not None
    return LENIENT if both and LENIENT in (ours.own, theirs.own) else STRICT

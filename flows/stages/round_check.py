"""The stage that checks whether a round of training brought something, by which its rounds go on or end."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.score import Measured
from records.counts import ScoreCounts


@dataclass(frozen=True, kw_only=True)
class CheckRound(Stage):
    """Makes `check.json`. The plan reads it, so that a run that is continued decides as before."""

    version = "1"
    stage: str
    """The name of the training stage whose rounds they are."""
    number: int
    """Of the round, from 1."""
    ours: Measured
    """The round's model on the benchmark that decides."""
    before: Measured
    """The model that it learned from, on the same benchmark."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.ours.judged, self.before.judged)

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        compared = [[one.variant.model, one.extraction] for one in (self.ours, self.before)]
        return {"stage": self.stage, "number": self.number, "benchmark": self.ours.benchmark, "compared": compared}

    def build(self, folder: Path, *, progress: Report) -> ScoreCounts:
        from eval.metrics.judged import read_readings
        from eval.rounds import compare_round
        from records.files import write_json
        from records.rounds import FILE, RoundCheck

        sides = self.ours, self.before
        readings = tuple(read_readings(one.judged.path, one.extraction) for one in sides)
        pair = compare_round(self.ours.benchmark, (self.ours.variant, self.before.variant), (readings[0], readings[1]))
        found = RoundCheck(stage=self.stage, number=self.number, before=self.before.variant.model, pair=pair)
        write_json(folder / FILE, found)
        return ScoreCounts(scores=1)

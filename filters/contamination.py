"""No problem of a benchmark: exact after folding case, width and white space, which is what the problem id hashes."""

from dataclasses import dataclass

from filters.reasons import CONTAMINATED, FAIL, PASS
from records.rows import Trace, Verdict


@dataclass(frozen=True)
class Contamination:
    benchmark_ids: frozenset[str]
    name = "contamination"
    version = "1"

    def judge(self, trace: Trace) -> Verdict:
        if trace.problem_id in self.benchmark_ids:
            return Verdict(self.name, self.version, FAIL, CONTAMINATED)
        return Verdict(self.name, self.version, PASS)

"""Rejects traces that hold false equations between numbers. Off by default."""

from dataclasses import dataclass

from configs.judging import EquationLimits
from filters.reasons import FAIL, FALSE_EQUATION, PASS
from filters.rules.rule import Setup
from filters.scorers.equations import check_steps
from records.rows import Trace, Verdict

MOST_DETAIL = 200


# Off by default: docs/step_checks.md has the share of traces with a right answer that it would reject, by source.
@dataclass(frozen=True)
class FalseEquations:
    limits: EquationLimits
    name = "false_equations"
    version = "4"

    @classmethod
    def configured(cls, setup: Setup) -> "FalseEquations | None":
        return cls(setup.config.equations) if setup.config.equations else None

    def judge(self, trace: Trace) -> Verdict:
        parts = (trace.reasoning, trace.answer) if self.limits.reasoning else (trace.answer,)
        false = [check.false[0] for part in parts for check in check_steps(part) if check.false]
        if len(false) > self.limits.max_false_steps:
            return Verdict(self.name, self.version, FAIL, FALSE_EQUATION, false[0][:MOST_DETAIL])
        return Verdict(self.name, self.version, PASS)

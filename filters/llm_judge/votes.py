"""Makes one verdict of a judge's replies to one question."""

from collections import Counter
from dataclasses import dataclass, field

from configs.rubric import Rubric
from filters.llm_judge.quoting import VERSION as QUOTING_VERSION
from filters.llm_judge.replies import VERSION as READING_VERSION
from filters.llm_judge.replies import Said
from filters.reasons import FAIL, NO_MAJORITY, NOT_ASKED, PASS, UNKNOWN, WRONG_ANSWER
from records.rows import Verdict

VERSION = f"{QUOTING_VERSION}.{READING_VERSION}"


@dataclass(slots=True)
class Ballot:
    """The replies to one question so far."""

    passes: int = 0
    fails: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    """Replies without a verdict by reason."""

    def add(self, said: Said) -> None:
        outcome, reason = said
        self.passes += outcome == PASS
        self.fails += outcome == FAIL
        if outcome == UNKNOWN:
            self.unknown[reason] += 1

    @property
    def replies(self) -> int:
        return self.passes + self.fails + self.unknown.total()


def verdict_of(ballot: Ballot, n: int, rubric: Rubric) -> Verdict:
    """Return the verdict that has more than half of the `n` votes that were asked for; unknown if none has. A reply
    without a verdict is a vote for neither."""
    outcome, reason = UNKNOWN, NO_MAJORITY
    if 2 * ballot.passes > n:
        outcome, reason = PASS, ""
    elif 2 * ballot.fails > n:
        outcome, reason = FAIL, WRONG_ANSWER
    elif not ballot.replies:
        reason = NOT_ASKED
    elif ballot.unknown and not (ballot.passes or ballot.fails):
        reason = ballot.unknown.most_common(1)[0][0]
    detail = f"{ballot.passes} of {n} pass, {ballot.fails} fail"
    return decided(rubric, outcome, reason, detail)


def decided(rubric: Rubric, outcome: str, reason: str, detail: str = "") -> Verdict:
    """Return a verdict under the rubric's name."""
    return Verdict(rubric.filter, f"{rubric.version}.{VERSION}", outcome, reason, detail)

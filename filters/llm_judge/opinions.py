"""Writes what a judge says of every trace that it was asked about, beside the verifiers' verdicts and never among
them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from configs.llm_judge import SecondOpinion
from filters.llm_judge.agreement import AgreementTable
from filters.llm_judge.replies import outcome_of
from filters.llm_judge.votes import Ballot, decided, verdict_of
from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN
from records.opinion_counts import AgreementCounts, OpinionCounts
from records.opinions import KEYS, OPINION, OPINIONS, Opinion
from records.parquet import Marks, read_rows, write_rows
from records.rows import Verdict


@dataclass
class OpinionTally:
    """Sums over the traces that were asked about."""

    by_reason: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unknown: Counter[str] = field(default_factory=Counter)
    table: AgreementTable = field(default_factory=AgreementTable)

    def add(self, row: dict[str, Any], verdict: Verdict) -> None:
        if row["over"]:
            self.by_reason[row["over"]][verdict.outcome] += 1
        if row["calibration"]:
            self.table.add(row["verifiers"], verdict.outcome)
        if verdict.outcome == UNKNOWN:
            self.unknown[verdict.reason] += 1


def write_opinions(folder: Path, questions: Path, draws: Path, config: SecondOpinion) -> OpinionCounts:
    """Write `opinions.parquet`, a row for each trace that was asked about, in the order of the judged traces.

    `questions` and `draws` are the folders of the stages before. Memory holds a few numbers for each question.
    """
    ballots = count_votes(draws, config)
    columns = [*(name for name, _ in KEYS), "unsent"]

    def judged() -> Iterator[tuple[dict[str, Any], Verdict]]:
        for row in read_rows(questions / "asked", columns):
            yield row, verdict_on(row, ballots, config)

    tally = OpinionTally()
    for row, verdict in judged():
        tally.add(row, verdict)
    agreement = tally.table.counts()
    refused = why_refused(config, agreement)
    accepts = config.accept and not refused
    admitted = 0

    def rows() -> Iterator[Opinion]:
        nonlocal admitted
        for row, verdict in judged():
            taken = accepts and bool(row["over"]) and verdict.outcome == PASS
            admitted += taken
            keys = {name: row[name] for name, _ in KEYS}
            yield Opinion(**keys, verdict=verdict, admitted=taken)

    write_rows(folder / OPINIONS, rows(), OPINION)
    return OpinionCounts(
        filter=config.rubric.filter,
        asked=sum(outcomes.total() for outcomes in tally.by_reason.values()),
        by_reason={
            reason: {outcome: outcomes[outcome] for outcome in (PASS, FAIL, UNKNOWN)}
            for reason, outcomes in tally.by_reason.items()
        },
        unknown=dict(tally.unknown.most_common()),
        agreement=agreement,
        admitted=admitted,
        refused=refused,
    )


def count_votes(draws: Path, config: SecondOpinion) -> dict[str, Ballot]:
    """Return the ballots by question."""
    ballots: dict[str, Ballot] = defaultdict(Ballot)
    for reply in read_rows(draws, ["problem_id", "answer", "closed", "finish_reason"]):
        ballots[reply["problem_id"]].add(outcome_of(reply, config.rubric))
    return dict(ballots)


def verdict_on(row: dict[str, Any], ballots: dict[str, Ballot], config: SecondOpinion) -> Verdict:
    """Return the verdict on one trace. An answer without content fails unasked; another one that no judge may see is
    unknown."""
    if row["unsent"]:
        return decided(config.rubric, FAIL if row["unsent"] == NO_ANSWER else UNKNOWN, row["unsent"])
    return verdict_of(ballots.get(row["question"], Ballot()), config.sampling.n, config.rubric)


def why_refused(config: SecondOpinion, agreement: AgreementCounts | None) -> str | None:
    """Return why nothing is taken on the judge's word, in one line; None if there is no reason, or nobody wants to."""
    if not config.accept:
        return None
    if agreement is None or agreement.kappa.low is None or agreement.kappa.value is None:
        return "nothing could be compared with the verifiers' verdicts"
    if agreement.kappa.low < config.min_kappa:
        return (
            f"its kappa with the verifiers is {agreement.kappa.value:.2f}, and may be as low as "
            f"{agreement.kappa.low:.2f}, below {config.min_kappa}"
        )
    return None


def admitted_traces(opinions: Path, traces: int) -> Marks:
    """Mark the traces that selection may take on a judge's word, among all judged ones."""
    marks = np.zeros(traces, dtype=np.bool_)
    for row in read_rows(opinions / OPINIONS, ["position", "admitted"]):
        marks[row["position"]] = row["admitted"]
    return marks

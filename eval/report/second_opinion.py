"""What an LLM judge said of the traces that the verifiers did not accept, and how far it agrees with them, in words."""

from records.opinion_counts import AgreementCounts, OpinionCounts, Share

COLUMNS = ("not accepted for", "traces", "judge passes", "judge fails", "unknown")


def opinion_rows(counts: OpinionCounts) -> list[dict[str, str]]:
    """Return a row for each reason for which traces were not accepted, the most frequent first."""
    by_count = sorted(counts.by_reason.items(), key=lambda item: -sum(item[1].values()))
    return [
        dict(
            zip(
                COLUMNS,
                [reason, *(f"{n:,}" for n in (sum(said.values()), said["pass"], said["fail"], said["unknown"]))],
                strict=True,
            )
        )
        for reason, said in by_count
    ]


def opinion_facts(counts: OpinionCounts, selected: int | None) -> list[str]:
    """Return sentences about agreement, verdicts that are lacking, and rows that came by the judge. `selected` is the
    number of these rows; None if none may be taken on its word."""
    facts = agreement_facts(counts.agreement)
    if counts.unknown:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.unknown.items())
        facts.append(f"Without a verdict, traces of the comparison included: {reasons}.")
    if counts.refused:
        facts.append(f"Nothing is accepted on its word, because {counts.refused}.")
    elif selected is not None:
        facts.append(f"Selection might take {counts.admitted:,} traces on its word and took {selected:,}.")
    else:
        facts.append("It is only reported: selection takes nothing on its word.")
    return facts


def agreement_facts(agreement: AgreementCounts | None) -> list[str]:
    if agreement is None:
        return ["It was not compared with the verifiers."]
    decided = agreement.agreement.of
    facts = [
        f"Agreement with the verifiers on {decided:,} traces that both decided: {shown(agreement.agreement)}; "
        f"Cohen's kappa {shown(agreement.kappa)}.",
        f"It passes {shown(agreement.passed_kept)} of what the verifiers passed and fails "
        f"{shown(agreement.failed_kept)} of what they failed.",
    ]
    if agreement.undecided:
        facts.append(f"It has no verdict on {agreement.undecided:,} more traces of the comparison.")
    return facts


def shown(share: Share) -> str:
    """Return `0.93 [0.89, 0.96]`."""
    if share.value is None or share.low is None or share.high is None:
        return "not defined"
    return f"{share.value:.2f} [{share.low:.2f}, {share.high:.2f}]"

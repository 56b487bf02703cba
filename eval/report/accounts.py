"""Formats the cost and yield of the traces for people, on the terminal, in Prefect and in the report."""

from dataclasses import dataclass, fields

from records.artifact import read_counts, read_manifest
from records.counts import ImportCounts, JudgedGroup, JudgingCounts, SampledGroup, SamplingCounts
from records.rows import Artifact
from records.search_counts import SearchCounts, SearchedCounts

COLUMNS = (
    *("group", "problems", "solved", "pass rate", "traces", "accepted", "tokens", "tokens per accepted"),
    *("cost", "cost per accepted"),
)
NOTABLE = ("surplus", "taken_over", "hinted", "truncated", "looped", "failed")


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and cost of drawing a group's traces; None if not known."""

    tokens: float | None
    cost: float | None


UNKNOWN = Spent(None, None)


def read_sampling(artifact: Artifact) -> SamplingCounts | None:
    """Read the counts of a sampling stage; return None for traces recorded elsewhere."""
    names = read_manifest(artifact)["counts"].keys()
    if names == {field.name for field in fields(ImportCounts)}:
        return None
    return read_counts(artifact, SearchedCounts if "search" in names else SamplingCounts)


def account_rows(judged: JudgingCounts, sampled: SamplingCounts | None) -> list[dict[str, str]]:
    """Return a row for all problems, for each source if there are several, and for each difficulty, as text by column.

    Tokens and cost are what sampling spent, including the surplus and excluding traces reused from earlier runs. If
    traces were not judged during sampling, a difficulty's tokens and cost are its share of the whole by the tokens of
    its traces. Recorded traces have no cost; they have tokens if the recordings of all sources do.
    """
    rows = [account_row("all", judged, spent_on(judged, judged, sampled))]
    if len(judged.by_source) > 1:
        sampled_groups = sampled.by_source if sampled else None
        rows += group_rows("source", judged.by_source, sampled_groups, judged, sampled)
    sampled_groups = sampled.by_difficulty if sampled else None
    return rows + group_rows("difficulty", judged.by_difficulty or {}, sampled_groups, judged, sampled)


def group_rows(
    kind: str,
    groups: dict[str, JudgedGroup],
    sampled_groups: dict[str, SampledGroup] | None,
    judged: JudgingCounts,
    sampled: SamplingCounts | None,
) -> list[dict[str, str]]:
    """Return a row for each group. `sampled_groups` holds what sampling counted for these groups, if it did."""
    rows = []
    for name, group in groups.items():
        if sampled_groups is None:
            spent = spent_on(group, judged, sampled)
        else:
            spent = Spent(sampled_groups[name].tokens, sampled_groups[name].cost) if name in sampled_groups else UNKNOWN
        rows.append(account_row(f"{kind}: {name}", group, spent))
    return rows


def spent_on(group: JudgedGroup, judged: JudgingCounts, sampled: SamplingCounts | None) -> Spent:
    """Return a group's share, by the tokens of its traces, of what was spent on all traces."""
    if sampled is None:
        all_recorded = all(source.tokens for source in judged.by_source.values())
        return Spent(group.tokens if all_recorded else None, None)
    share = group.tokens / max(1, judged.tokens)
    return Spent(sampled.tokens * share, None if sampled.cost is None else sampled.cost * share)


def account_row(name: str, group: JudgedGroup, spent: Spent) -> dict[str, str]:
    row = {"group": name, "problems": f"{group.problems:,}", "solved": f"{group.solved:,}"}
    if group.pass_rate is not None:
        row["pass rate"] = f"{100 * group.pass_rate:.1f}%"
    row |= {"traces": f"{group.traces:,}", "accepted": f"{group.accepted:,}"}
    if spent.tokens is not None:
        row["tokens"] = f"{spent.tokens:,.0f}"
        row |= {"tokens per accepted": f"{spent.tokens / group.accepted:,.0f}"} if group.accepted else {}
    if spent.cost is not None:
        row["cost"] = money(spent.cost)
        row |= {"cost per accepted": money(spent.cost / group.accepted)} if group.accepted else {}
    return row


def money(amount: float) -> str:
    return f"{amount:,.{2 if amount >= 1 else 4 if amount >= 0.01 else 6}f}"


def sampling_facts(sampled: SamplingCounts | None) -> dict[str, str]:
    """Return what the sampler drew and how fast, by name; empty for recorded traces."""
    if sampled is None:
        return {}
    prompt, reasoning, answer = sampled.prompt_tokens, sampled.reasoning_tokens, sampled.answer_tokens
    facts = {
        "tokens drawn": f"{prompt:,} prompt, {reasoning:,} reasoning, {answer:,} answer",
        "time": f"{sampled.sampling_s:,.1f} s, {sampled.tokens_per_s:,.0f} completion tokens/s",
    }
    counted = [(name, getattr(sampled, name)) for name in NOTABLE]
    notable = [f"{count:,} {name.replace('_', ' ')}" for name, count in counted if count]
    facts |= {"of the traces": ", ".join(notable)} if notable else {}
    facts |= search_facts(sampled.search) if isinstance(sampled, SearchedCounts) else {}
    return facts | ({"stopped at": sampled.stopped_at} if sampled.stopped_at else {})


def search_facts(search: SearchCounts) -> dict[str, str]:
    """Return what searches over steps took, by name."""
    kept = (
        f"{search.kept_tokens / search.tokens:.0%} of {search.tokens:,} tokens kept" if search.tokens else "no tokens"
    )
    counted = {"traces without an end": search.nothing_found, "prefixes without a score": search.unscored}
    rest = [f"{count:,} {name}" for name, count in counted.items() if count]
    return {"search": ", ".join([f"{search.expansions:,} expansions", kept, *rest])}

"""What the traces cost and brought, in the form that people read: for the terminal, Prefect and the report."""

from typing import Any

COLUMNS = (
    *("group", "problems", "solved", "pass rate", "traces", "accepted", "tokens", "tokens per accepted"),
    *("cost", "cost per accepted"),
)
NOTABLE = ("surplus", "taken_over", "hinted", "truncated", "looped", "failed")


def account_rows(judged: dict[str, Any], sampled: dict[str, Any]) -> list[dict[str, str]]:
    """A row for all problems, for each of several sources, and for each difficulty, as text. `judged` and `sampled` are
    the counts of their manifests.

    Tokens and cost are what sampling spent, surplus included and traces of earlier runs not; by difficulty their share
    where nothing was judged while sampling. Recorded traces have no cost, and the tokens they were recorded with, if
    all of them were.
    """
    whole = judged | {"traces": judged["sampled"], "solved": judged["problems_solved"]}
    rows = [account_row("all", whole, share_of(judged, judged, sampled))]
    for kind in ("source", "difficulty"):
        groups = judged.get(f"by_{kind}", {})
        if kind == "source" and len(groups) == 1:
            continue
        known = sampled.get(f"by_{kind}")
        for name, counts in groups.items():
            spent = known.get(name, {}) if known is not None else share_of(counts, judged, sampled)
            rows.append(account_row(f"{kind}: {name}", counts, spent))
    return rows


def share_of(counts: dict[str, Any], judged: dict[str, Any], sampled: dict[str, Any]) -> dict[str, float]:
    """Of what was spent on all, by tokens."""
    if "tokens" not in sampled:
        complete = all(source["tokens"] for source in judged["by_source"].values())
        return {"tokens": counts["tokens"]} if complete else {}
    share = counts["tokens"] / max(1, judged["tokens"])
    return {name: sampled[name] * share for name in ("tokens", "cost") if name in sampled}


def account_row(name: str, counts: dict[str, Any], spent: dict[str, float]) -> dict[str, str]:
    row = {"group": name} | {column: f"{counts[column]:,}" for column in ("problems", "solved", "traces", "accepted")}
    if "pass_rate" in counts:
        row["pass rate"] = f"{100 * counts['pass_rate']:.1f}%"
    accepted = counts["accepted"]
    if "tokens" in spent:
        row["tokens"] = f"{spent['tokens']:,.0f}"
        row |= {"tokens per accepted": f"{spent['tokens'] / accepted:,.0f}"} if accepted else {}
    if "cost" in spent:
        row["cost"] = money(spent["cost"])
        row |= {"cost per accepted": money(spent["cost"] / accepted)} if accepted else {}
    return row


def money(amount: float) -> str:
    return f"{amount:,.{2 if amount >= 1 else 4 if amount >= 0.01 else 6}f}"


def sampling_facts(sampled: dict[str, Any]) -> dict[str, str]:
    """What the sampler drew and how fast, by name; empty for recorded traces."""
    if "sampling_s" not in sampled:
        return {}
    tokens = [f"{sampled[f'{kind}_tokens']:,} {kind}" for kind in ("prompt", "reasoning", "answer")]
    seconds = f"{sampled['sampling_s']:,.1f} s, {sampled['tokens_per_s']:,.0f} completion tokens/s"
    facts = {"tokens drawn": ", ".join(tokens), "time": seconds}
    notable = [f"{sampled[name]:,} {name.replace('_', ' ')}" for name in NOTABLE if sampled[name]]
    facts |= {"of the traces": ", ".join(notable)} if notable else {}
    return facts | ({"stopped at": sampled["stopped_at"]} if "stopped_at" in sampled else {})

"""What a run will do, and what it did, for the terminal."""

import yaml

from configs.schema import Config
from eval.metrics.formats import read_scores
from eval.report import accounts
from eval.report.tables import COLUMNS, score_table, text_table
from flows.plan import plan_run
from flows.stage import Plan
from records.artifact import is_complete, read_counts
from records.counts import JudgingCounts, SelectionCounts


def show_plan(config: Config) -> int:
    """Print the resolved config and the state of every stage."""
    plan = plan_run(config)
    print(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
    rows = [
        {
            "stage": stage.name,
            "state": "complete" if is_complete(stage.artifact) else "to do",
            "artifact": stage.artifact.path,
        }
        for stage in plan.stages
    ]
    print(text_table(rows, ("stage", "state", "artifact")))
    return 0


def result_table(plan: Plan) -> str:
    if not any(stage.name == "score" for stage in plan.stages):
        return "no benchmark configured: nothing was evaluated"
    return text_table(score_table(read_scores(plan["score"].artifact.path)), COLUMNS)


def funnel_rows(plan: Plan) -> list[dict[str, str]]:
    """Sampled traces down to dataset rows, with every reason on the way."""
    judged = read_counts(plan["judge"].artifact, JudgingCounts)
    selected = read_counts(plan["select"].artifact, SelectionCounts)
    rows = [("sampled", judged.traces)]
    rows += [(f"rejected: {reason}", count) for reason, count in judged.rejected.items()]
    rows += [(f"unknown: {reason}", count) for reason, count in judged.unknown.items()]
    rows += [("accepted", judged.accepted)]
    rows += [(f"left out: {reason}", count) for reason, count in selected.left_out.items()]
    rows += [("selected", selected.selected)]
    return [{"traces": name, "count": f"{count:,}", "share": f"{count / judged.traces:.1%}"} for name, count in rows]


def account_rows(plan: Plan) -> list[dict[str, str]]:
    """Cost and yield of the traces, by source and difficulty."""
    judged = read_counts(plan["judge"].artifact, JudgingCounts)
    return accounts.account_rows(judged, accounts.read_sampling(plan["sample"].artifact))


def show_result(plan: Plan) -> None:
    judged = read_counts(plan["judge"].artifact, JudgingCounts)
    print(f"\n{text_table(funnel_rows(plan), ('traces', 'count', 'share'))}")
    print(f"problems solved at least once: {judged.solved:,} of {judged.problems:,}\n")
    print(f"{text_table(account_rows(plan), accounts.COLUMNS)}\n")
    facts = accounts.sampling_facts(accounts.read_sampling(plan["sample"].artifact))
    print("".join(f"{name}: {fact}\n" for name, fact in facts.items()))
    print(result_table(plan))
    print(f"\nreport      {plan.run_dir / 'report.html'}")
    print(f"scores      {plan.run_dir / 'scores.json'}")
    print(f"dataset     {plan['select'].artifact.path}")
    print(f"checkpoint  {plan.run_dir / 'checkpoint'} -> {plan['publish'].artifact.path.name}")

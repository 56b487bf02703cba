"""What a run will do, and what it did, for the terminal."""

import yaml

from configs.schema import Config
from eval.report import accounts
from eval.report.tables import COLUMNS, read_scores, score_table, text_table
from flows.plan import plan_run
from flows.stage import Plan
from records.artifact import is_complete, read_manifest


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
    counts = read_manifest(plan["judge"].artifact)["counts"]
    selected = read_manifest(plan["select"].artifact)["counts"]
    total = counts["sampled"]
    rows = [("sampled", total)]
    rows += [(f"rejected: {reason}", count) for reason, count in counts["rejected"].items()]
    rows += [(f"unknown: {reason}", count) for reason, count in counts["unknown"].items()]
    rows += [("accepted", counts["accepted"])]
    rows += [(f"left out: {reason}", count) for reason, count in selected["left_out"].items()]
    rows += [("selected", selected["selected"])]
    return [{"traces": name, "count": f"{count:,}", "share": f"{count / total:.1%}"} for name, count in rows]


def account_rows(plan: Plan) -> list[dict[str, str]]:
    """What the traces cost and brought, by source and difficulty."""
    judged, sampled = (read_manifest(plan[name].artifact)["counts"] for name in ("judge", "sample"))
    return accounts.account_rows(judged, sampled)


def show_result(plan: Plan) -> None:
    solved = read_manifest(plan["judge"].artifact)["counts"]
    print(f"\n{text_table(funnel_rows(plan), ('traces', 'count', 'share'))}")
    print(f"problems solved at least once: {solved['problems_solved']:,} of {solved['problems']:,}\n")
    print(f"{text_table(account_rows(plan), accounts.COLUMNS)}\n")
    facts = accounts.sampling_facts(read_manifest(plan["sample"].artifact)["counts"])
    print("".join(f"{name}: {fact}\n" for name, fact in facts.items()))
    print(result_table(plan))
    print(f"\nreport      {plan.run_dir / 'report.html'}")
    print(f"scores      {plan.run_dir / 'scores.json'}")
    print(f"dataset     {plan['select'].artifact.path}")
    print(f"checkpoint  {plan.run_dir / 'checkpoint'} -> {plan['publish'].artifact.path.name}")

"""Makes runs that were evaluated: artifacts with real manifests, around completions that are right or wrong as told."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conftest import make_trace

from records.artifact import build_once
from records.counts import JudgingCounts, ProblemsCounts, SamplingCounts, ScoreCounts
from records.files import write_json
from records.parquet import write_rows
from records.rows import Artifact, Problem, Trace, Variant, Verdict
from records.schemas import PROBLEM, TRACE, TRACE_READ

BASE, STUDENT, NF4 = Variant("base", "full"), Variant("student", "full"), Variant("student", "nf4")
GREEDY = {"n": 1, "temperature": 0.0, "max_tokens": 160, "seed": 0}
MODEL = {"name": "m", "dtype": "float32", "prompt": {"user": "{problem}"}, "thinks": True, "weights": None}
OUTCOMES = {1: "pass", 0: "fail", -1: "unknown"}


def make_evaluated(
    run_dir: Path,
    measured: dict[Variant, list[list[int]]],
    *,
    benchmark: str = "sums",
    problems: Iterable[str] | None = None,
    reference: str = "4",
    evaluation: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
    judging: dict[str, Any] | None = None,
    judged_by: str = "4.2",
) -> Artifact:
    """Make a run directory whose evaluation has one list for each problem, of 1 (right), 0 (wrong) or -1 (unknown).

    `problems` are the prompts, p0, p1, … unless told. Everything else goes into the inputs of a stage. The scores
    themselves are left empty: nothing that compares runs reads them.
    """
    judges = {
        variant: judged(
            run_dir,
            f"{benchmark}-{variant.model}-{variant.precision}",
            traces_of(outcomes, list(problems or (f"p{at}" for at in range(len(outcomes)))), reference),
            evaluation=evaluation,
            model=model,
            judging=judging,
            judged_by=judged_by,
            benchmark=benchmark,
        )
        for variant, outcomes in measured.items()
    }
    return scored(run_dir, judges, benchmark)


def scored(run_dir: Path, judges: dict[Variant, Artifact], benchmark: str, *by: str) -> Artifact:
    """Make the evaluation of judged completions. `by` is what else it says of how they are measured."""
    names = [[benchmark, variant.model, variant.precision, *by] for variant in judges]
    needs = [artifact.fingerprint for artifact in judges.values()]

    def score(folder: Path) -> ScoreCounts:
        write_json(folder / "scores.json", [])
        return ScoreCounts(scores=0)

    return build_once(run_dir, "score", {"version": "4", "settings": {"measured": names}, "needs": needs}, score)


def traces_of(outcomes: list[list[int]], problems: list[str], reference: str) -> list[Trace]:
    return [
        make_trace(
            prompt=prompt,
            reference=reference,
            sample_index=at,
            completion_tokens=10 + at,
            verdicts=[Verdict("math", "1", OUTCOMES[right], "" if right == 1 else "wrong_answer", extracted=reference)],
        )
        for prompt, samples in zip(problems, outcomes, strict=True)
        for at, right in enumerate(samples)
    ]


def judged(
    run_dir: Path,
    label: str,
    traces: list[Trace],
    *,
    benchmark: str = "sums",
    evaluation: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
    judging: dict[str, Any] | None = None,
    judged_by: str = "4.2",
    weights: Iterable[Artifact] = (),
) -> Artifact:
    """Make the benchmark's problems, the completions and their verdicts, each of which names the one before."""
    sampling = {"evaluation": GREEDY | (evaluation or {}), "model": MODEL | (model or {})}

    def collect(folder: Path) -> ProblemsCounts:
        rows = {
            one.problem_id: Problem(one.problem_id, one.prompt, one.reference, one.verifier, one.source, one.extra)
            for one in traces
        }
        write_rows(folder / "problems.parquet", rows.values(), PROBLEM)
        return ProblemsCounts(problems=len(rows), repeated=0, in_benchmark=0, without_reference=0)

    def draw(folder: Path) -> SamplingCounts:
        write_rows(folder / "traces-00000.parquet", traces, TRACE)
        return sampled_counts(traces)

    def judge(folder: Path) -> JudgingCounts:
        write_rows(folder / "judged-00000.parquet", traces, TRACE_READ if traces[0].lenient else TRACE)
        return judged_counts(traces)

    prompts = sorted({(one.prompt, one.reference, one.verifier, one.extra) for one in traces})
    collected = build_once(run_dir, f"benchmark-{benchmark}", inputs({"prompts": prompts}), collect)
    drawn = build_once(run_dir, f"eval-{label}", inputs(sampling | {"of": label}, [collected, *weights]), draw)
    settings = {"judging": {"require_box": False} | (judging or {})}
    by = {"version": judged_by, "settings": settings, "needs": [drawn.fingerprint]}
    return build_once(run_dir, f"eval-judge-{label}", by, judge)


def inputs(settings: dict[str, Any], needs: Iterable[Artifact] = ()) -> dict[str, Any]:
    return {"version": "1", "settings": settings, "needs": [artifact.fingerprint for artifact in needs]}


def sampled_counts(traces: list[Trace]) -> SamplingCounts:
    tokens = sum(one.completion_tokens for one in traces)
    nothing = dict.fromkeys(
        ("solved", "accepted", "taken_over", "surplus", "hinted", "truncated", "looped", "failed"), 0
    )
    return SamplingCounts(
        **nothing,
        problems=len({one.problem_id for one in traces}),
        traces=len(traces),
        prompt_tokens=5 * len(traces),
        reasoning_tokens=0,
        answer_tokens=tokens,
        cost=None,
        finish_reasons={"stop": len(traces)},
        sampling_s=1.0,
        tokens_per_s=1.0,
        by_source={},
        by_difficulty=None,
        stopped_at=None,
        engine=None,
    )


def judged_counts(traces: list[Trace]) -> JudgingCounts:
    accepted = sum(one.accepted for one in traces)
    return JudgingCounts(
        problems=len({one.problem_id for one in traces}),
        solved=len({one.problem_id for one in traces if one.accepted}),
        traces=len(traces),
        accepted=accepted,
        prompt_tokens=5 * len(traces),
        completion_tokens=sum(one.completion_tokens for one in traces),
        pass_rate=accepted / len(traces),
        rejected={"wrong_answer": len(traces) - accepted},
        unknown={},
        by_source={},
        by_difficulty=None,
        contaminated_by={},
        verifier_s=0.0,
    )


FEW = [[1]] * 6 + [[0]] * 4
MORE = [[1]] * 5 + [[0]] + [[1]] * 4
"""Against FEW: loses one problem and gains four."""


def two(folder: Path, **second: Any) -> list[Path]:
    """Two runs that differ in what is given."""
    make_evaluated(folder / "a", {STUDENT: FEW})
    make_evaluated(folder / "b", {STUDENT: MORE} | second.pop("measured", {}), **second)
    return [folder / "a", folder / "b"]

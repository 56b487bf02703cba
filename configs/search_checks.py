"""Checks what leads a search: sampling's, and those of an evaluation."""

from collections.abc import Mapping
from typing import Any

from configs.benchmarks import Benchmark
from configs.evaluation import Evaluation
from configs.scorers import ModelScorer, StepJudge, check_aggregate, scorer_named
from configs.search import Search, StepSearch


def check_leader(search: Search, scorers: Mapping[str, Any], place: str) -> Any:
    """Return the scorer of a search. Errors: ValueError if there is none, or one that cannot lead it."""
    scorer = scorer_named(scorers, search.scorer, f"{place}.scorer")
    if search.aggregate:
        check_aggregate(scorer, search.aggregate, f"{place}.aggregate")
    if isinstance(scorer, StepJudge):
        raise ValueError(
            f"{place}.scorer: {search.scorer} is an LLM judge, which reads whole traces after sampling; take equations "
            "or a reward model"
        )
    if isinstance(search, StepSearch) and scorer.kind == "outcome":
        raise ValueError(
            f"{place}.scorer: {search.scorer} scores whole traces, and {search.kind} needs scores of steps; take a "
            "scorer of kind process or equations, or set kind: best_of_n"
        )
    if isinstance(scorer, ModelScorer) and scorer.engine == "vllm":
        raise ValueError(
            f"{place}.scorer: {search.scorer} runs in vLLM, and a search runs its scorer in transformers, beside the "
            f"engine that draws; set scorers.{search.scorer}.engine to auto or transformers"
        )
    return scorer


def check_sampling_search(search: Search, scorers: Mapping[str, Any], continues: bool) -> None:
    """Check the search by which the teacher is sampled; `continues` says whether the teacher can continue a text.
    Errors: ValueError."""
    scorer = check_leader(search, scorers, "sampling.search")
    if isinstance(scorer, ModelScorer) and scorer.origin is not None:
        raise ValueError(
            f"sampling.search.scorer: {search.scorer} is trained in this run, after sampling; train it in another run "
            "and give its path"
        )
    if isinstance(search, StepSearch) and not continues:
        raise ValueError(
            f"sampling.search: a chat server cannot continue a text, as {search.kind} needs; set kind: best_of_n, or a "
            "teacher of kind vllm"
        )


def check_evaluation_searches(
    evaluation: Evaluation, benchmarks: Mapping[str, Benchmark], scorers: Mapping[str, Any]
) -> None:
    """Check the searches that evaluated models decode with. All these models run in vLLM, which continues texts.
    Errors: ValueError."""
    resolved: list[Search] = []
    for at, search in enumerate(evaluation.search):
        place = f"evaluation.search.{at}"
        scorer = check_leader(search, scorers, place)
        whole = search.model_copy(update={"aggregate": search.aggregate or scorer.aggregate})
        if whole in resolved:
            raise ValueError(f"{place}: is the same search as evaluation.search.{resolved.index(whole)}; remove one")
        resolved.append(whole)
    sampled = {name: evaluation.for_benchmark(benchmark) for name, benchmark in benchmarks.items()}
    sampled = {name: settings for name, settings in sampled.items() if settings.n > 1}
    if evaluation.search and not sampled:
        raise ValueError(
            "evaluation.search: is compared with several samples of a problem, and no benchmark has them; set "
            "evaluation.n above 1"
        )
    for at, search in enumerate(evaluation.search):
        for name, settings in sampled.items():
            if isinstance(search, StepSearch) and search.step_tokens > settings.max_tokens:
                raise ValueError(
                    f"evaluation.search.{at}.step_tokens exceeds max_tokens ({settings.max_tokens}) of benchmark "
                    f"{name}: lower it"
                )

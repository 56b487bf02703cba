"""Plans the searches by which evaluated models decode, and what they are compared with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from configs.schema import Config
from configs.search import Search, search_names
from flows.scoring import plan_scoring
from flows.searching import SearchScorer, leader_of
from flows.stages.curves import SearchComparison, Searched
from flows.stages.score import Measured
from flows.stages.score_traces import ScoreTraces
from flows.stages.search import SearchModel
from flows.weights import Weights


def plan_comparisons(
    config: Config, sampled: Sequence[Measured], trained: Mapping[str, Weights]
) -> Iterator[SearchComparison]:
    """Plan a comparison for each model in full precision with several samples of each problem, and for each scorer
    with what stands for its steps."""
    searches = config.evaluation.search if config.evaluation else []
    leaders = [leader_of(search, config.scorers, trained) for search in searches]
    named = list(zip(search_names(searches), searches, leaders, strict=True))
    for one in sampled if searches else ():
        if one.variant.precision != "full":
            continue
        for scorer, aggregate in dict.fromkeys((search.scorer, leader.aggregate) for _, search, leader in named):
            yield SearchComparison(
                measured=one,
                scored=scores_of(config, scorer, one, trained),
                aggregate=aggregate,
                searches=tuple(
                    searched(one, name, search, leader)
                    for name, search, leader in named
                    if (search.scorer, leader.aggregate) == (scorer, aggregate)
                ),
            )


def scores_of(config: Config, scorer: str, one: Measured, trained: Mapping[str, Weights]) -> ScoreTraces:
    """Plan the scores of a model's samples by a scorer of the config."""
    stage = f"eval-scores-{one.benchmark}-{one.variant.model}-{one.variant.precision}-{scorer}"
    return plan_scoring(config, scorer, one.judged, stage, trained)


def searched(one: Measured, name: str, search: Search, leader: SearchScorer) -> Searched:
    """Plan one search of each problem by a model that is measured, and its judging."""
    drawn, label = one.completions, f"{one.benchmark}-{one.variant.model}-{one.variant.precision}-{search.kind}"
    found = SearchModel(
        run_dir=drawn.run_dir,
        name=f"eval-search-{label}",
        problems=drawn.problems,
        model=drawn.model,
        weights=drawn.weights,
        precision=drawn.precision,
        evaluation=drawn.evaluation.model_copy(update={"n": 1}),
        distribution=drawn.distribution,
        search=search,
        leader=leader,
    )
    return Searched(name=name, judged=replace(one.judged, name=f"eval-judge-{label}", traces=found))

"""Problems for reinforcement learning are chosen by the teacher's pass rate."""

from collections.abc import Callable

import pytest
from conftest import make_problem, make_trace

from configs.judging import Judging
from configs.reinforcement import PromptChoice
from filters.counting.pass_rates import accepted_share
from filters.rules.contamination import Contamination
from filters.rules.rule import Setup
from filters.selection.curriculum import choose_prompts
from records.errors import InputError
from records.parquet import write_rows
from records.prompts import PromptsCounts, read_prompts
from records.rows import Verdict
from records.schemas import PROBLEM, TRACE

PROMPTS = [f"What is {at} plus {at}?" for at in range(6)]
ACCEPTED = [0, 1, 2, 9, 10]
"""Of ten traces of each problem; the last one has none."""


@pytest.fixture(scope="module")
def choose(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[PromptsCounts, list[int]]]:
    folder = tmp_path_factory.mktemp("curriculum")
    write_rows(folder / "problems.parquet", [make_problem(prompt) for prompt in PROMPTS], PROBLEM)
    traces = [
        make_trace(prompt=PROMPTS[at], sample_index=n, verdicts=[Verdict("math", "1", "pass" if n < right else "fail")])
        for at, right in enumerate(ACCEPTED)
        for n in range(10)
    ]
    second = make_trace(prompt=PROMPTS[0], attempt=1, verdicts=[Verdict("math", "1", "pass")])
    unknown = make_trace(prompt=PROMPTS[1], sample_index=10, verdicts=[Verdict("math", "1", "unknown")])
    write_rows(folder / "judged.parquet", [*traces, second, unknown], TRACE)

    def call(benchmark: tuple[str, ...] = (), **choice: object) -> tuple[PromptsCounts, list[int]]:
        wanted = PromptChoice.model_validate(choice)
        contamination = Contamination.configured(Setup(Judging(), {"held_out": list(benchmark)}))
        judged = folder / "judged.parquet" if wanted.needs_rates else None
        counts = choose_prompts(folder, folder / "problems.parquet", judged, wanted, contamination, accepted_share)
        return counts, [PROMPTS.index(problem.prompt) for problem, _ in read_prompts(folder)]

    return call


@pytest.mark.parametrize(
    ("band", "chosen"),
    [((0.1, 0.9), [1, 2, 3]), ((0.11, 0.89), [2]), ((0, 1), [0, 1, 2, 3, 4]), ((0, 0), [0]), ((1, 1), [4])],
)
def test_the_band(
    band: tuple[float, float], chosen: list[int], choose: Callable[..., tuple[PromptsCounts, list[int]]]
) -> None:
    counts, found = choose(pass_rate=band)
    assert found == chosen
    assert (counts.problems, counts.chosen) == (6, len(chosen))
    assert counts.left_out["unjudged"] == 1
    assert sum(counts.left_out.values()) == 6 - len(chosen)


def test_without_a_band_all_are_asked(choose: Callable[..., tuple[PromptsCounts, list[int]]]) -> None:
    assert choose() == (PromptsCounts(problems=6, chosen=6, left_out={}), [0, 1, 2, 3, 4, 5])
    assert choose(limit=2)[1] == [0, 1]
    assert choose(limit=2, pass_rate=(0.1, 1))[1] == [1, 2]
    assert choose(order="easy_first")[0].left_out == {"unjudged": 1}


def test_problems_of_a_benchmark_are_left_out(choose: Callable[..., tuple[PromptsCounts, list[int]]]) -> None:
    counts, found = choose((PROMPTS[2],))
    assert found == [0, 1, 3, 4, 5]
    assert counts.left_out == {"contaminated": 1}


def test_an_empty_band_says_what_is_there(choose: Callable[..., tuple[PromptsCounts, list[int]]]) -> None:
    message = r"prompts.pass_rate \[0.4, 0.6\] leaves no problem to ask \(3 too_hard, 2 too_easy, 1 unjudged\); widen"
    with pytest.raises(InputError, match=message):
        choose(pass_rate=(0.4, 0.6))

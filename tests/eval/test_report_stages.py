"""What each stage brought stands in the page, the summary and the terminal, with intervals, and says so if nothing."""

from pathlib import Path

from comparison_makers import check, paired_of
from conftest import make_trace
from evaluated_makers import sampled_counts
from report_makers import judging, selection
from report_pages import render

from eval.report.stages import stages_markdown, stages_shown, stages_text
from eval.report.trained_stage import StageSampling
from records.comparisons import Comparisons, Paired, StageGain, StageStart


def gain(stage: str, *pairs: Paired, start: str = "base") -> StageGain:
    return StageGain(started=StageStart(stage=stage, model=stage, start=start), pairs=list(pairs))


def found(*gains: StageGain) -> Comparisons:
    return Comparisons(points=1.0, confidence=0.95, gains=[], quantized=[], stages=list(gains))


GAINS = found(
    gain("zero", paired_of(0.1, 0.05, 0.15), paired_of(0.1, 0.05, 0.15, benchmark="a")),
    gain(
        "rl",
        paired_of(0.004, -0.011, 0.019),
        paired_of(0.01, -0.02, 0.04, benchmark="a"),
        paired_of(-0.01, -0.03, 0.01, benchmark="b<1>"),
        start="zero",
    ),
    gain("worse", paired_of(-0.1, -0.15, -0.05), paired_of(-0.1, -0.15, -0.05, benchmark="a"), start="rl"),
    gain("unseen"),
)
SAMPLED = StageSampling(
    stage="star-1",
    model="the base",
    sampled=sampled_counts([make_trace()]),
    judged=judging(problems=50, solved=30, traces=200, accepted=61),
    selected=selection(selected=58),
)


def test_a_stage_whose_interval_includes_0_is_told_to_bring_nothing() -> None:
    assert stages_shown(GAINS, [], []).sentences == [
        "zero: +10.00 [+5.00, +15.00] points over base",
        "rl: +0.40 [−1.10, +1.90] points over zero: not shown to bring anything",
        "worse: −10.00 [−15.00, −5.00] points over rl: shown to do harm",
        "unseen: not compared with base, because not both were measured (evaluation.stages=true does)",
    ]


def test_there_is_a_row_for_each_benchmark_and_one_over_all_of_several() -> None:
    rows = stages_shown(GAINS, [], []).gains
    shown = [(row["stage"], row["problems of"]) for row in rows]
    assert shown == [("zero", "a"), ("rl", "all benchmarks"), ("rl", "a"), ("rl", "b<1>"), ("worse", "a")]
    assert rows[0]["accuracy"] == "80.0% [70.0, 90.0]"
    assert rows[0]["change"] == "+10.00 [+5.00, +15.00]"


def test_page_summary_and_terminal_tell_the_same(tmp_path: Path) -> None:
    checks = [check(1, paired_of(0.1, 0.05, 0.15)), check(2, paired_of(0.004, -0.011, 0.019), "star-1")]
    shown = stages_shown(GAINS, [SAMPLED], checks)
    page = render(tmp_path, comparisons=GAINS, samplings=[SAMPLED], checks=checks)
    terminal, summary = stages_text(shown), "\n\n".join(stages_markdown(shown))
    assert "What each stage brought" in page.text
    assert "star-1 the base 50 30 200 61 30.5% 58" in page.text
    for text in (page.text, terminal, summary):
        assert "star: round 2 brought +0.40 [−1.10, +1.90] points over star-1 on held_out" in text
        assert "star: round 1 is kept, the last one shown to grow" in text
        assert "rl: +0.40 [−1.10, +1.90] points over zero: not shown to bring anything" in text
        assert "30.5%" in text


def test_a_single_stage_on_the_teachers_traces_has_no_such_section(tmp_path: Path) -> None:
    assert stages_shown(found(gain("unseen")), [], []).empty
    assert stages_text(stages_shown(None, [], [])) == ""
    assert stages_markdown(stages_shown(None, [], [])) == []
    assert "What each stage brought" not in render(tmp_path, comparisons=found()).text

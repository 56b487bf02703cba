"""The report's curves, tables and preflight of every training stage."""

import re
from pathlib import Path

import pytest
from report_makers import make_training
from report_pages import render
from trained_makers import make_counts, make_log, make_preflight

from eval.report.curves import PANELS, POINTS, REWARD_PANELS, panels, points
from records.schemas import TRAINING_LOG


def test_a_stage_has_a_row_of_its_own(tmp_path: Path) -> None:
    second = make_training(name="traces", start="warm_up", counts=make_counts(held_out_loss=None, trainer_s=3723.0))
    page = render(tmp_path, trainings=[make_training(), second])
    # The final loss is the mean of 4/19 and 4/20, the last tenth of 20 steps.
    assert "warm_up sft the base 50 20 123,456 100,000 0:01:02 2,000 0.2053 0.7195 0.5000" in page.text
    assert "traces sft warm_up 50 20 123,456 100,000 1:02:03 33 0.2053 0.7195" in page.text
    assert page.text.index("warm_up: curves") < page.text.index("traces: curves")


@pytest.mark.parametrize(("steps", "last"), [(1, 1), (9, 1), (14, 1), (16, 2), (100, 10)])
def test_the_final_loss_is_that_of_the_last_tenth(steps: int, last: int) -> None:
    losses = [4.0 / step for step in range(1, steps + 1)]
    assert make_training(log=make_log(steps)).final_loss == pytest.approx(sum(losses[-last:]) / last)


def test_what_was_logged_has_a_chart_and_the_rest_is_named(tmp_path: Path) -> None:
    everything = dict.fromkeys(TRAINING_LOG.names, float)
    whole = render(tmp_path, trainings=[make_training(log=make_log(**everything))])
    assert len(whole.charts) == len(PANELS) == 8
    assert "Not logged" not in whole.text
    for column in ("eval_loss", "mfu", "entropy", "memory_gib"):
        assert any(column in panel.lines for panel in PANELS)
    page = render(tmp_path, trainings=[make_training()])
    assert len(page.charts) == 1
    assert "Not logged: token accuracy, %; entropy, nats; learning rate;" in page.text


def test_the_held_out_loss_stands_beside_that_of_the_training() -> None:
    alone, *_ = panels(make_log())
    both, *_ = panels(make_log(eval_loss=lambda step: 1.0 if step % 5 == 0 else None))
    assert alone.legend == {}
    assert both.legend == {"training": "first", "held out": "second"}
    assert alone.chart is not None
    assert both.chart is not None
    assert "var(--second)" in both.chart
    assert "var(--second)" not in alone.chart
    only = panels(make_log(loss=lambda _: None, eval_loss=float))[0]
    assert only.chart is not None
    assert "var(--first)" not in only.chart, "a line keeps its colour"


@pytest.mark.parametrize("steps", [POINTS - 1, POINTS, POINTS + 1, 1_000])
def test_a_long_curve_is_drawn_by_means(steps: int) -> None:
    log = make_log(steps)
    at, values = points(log, "loss")
    losses = log.columns["loss"]
    if steps <= POINTS:
        assert (at.tolist(), values.tolist()) == (list(range(1, steps + 1)), losses.tolist())
    else:
        size = {POINTS + 1: 2, 1_000: 4}[steps]
        spans = [slice(start, start + size) for start in range(0, steps, size)]
        assert values.tolist() == pytest.approx([losses[span].mean() for span in spans])
        assert at.tolist() == pytest.approx([log.columns["step"][span].mean() for span in spans])
        assert len(at) <= POINTS


def test_long_trainings_keep_the_page_small() -> None:
    chart = panels(make_log(100_000))[0].chart
    assert chart is not None
    assert len(chart) < 20_000


def test_a_single_step_is_a_visible_point() -> None:
    chart = panels(make_log(1))[0].chart
    assert chart is not None
    assert "<use" in chart


def test_the_preflight_is_told(tmp_path: Path) -> None:
    facts = [("left out: too_long", "5 (problem_id <b>, sample_index 0)"), ("duplicates", "3")]
    page = render(
        tmp_path, trainings=[make_training(facts=facts, preflight=make_preflight(notes=["a date is written"]))]
    )
    for row in (
        "rows 55 trained on 50 up to 64 tokens 40 up to 128 tokens 10",
        "left out: too_long 5 (problem_id <b>, sample_index 0) duplicates 3",
        "A date is written.",
    ):
        assert row in page.text
    assert re.findall(r'<rect width="([\d.]+)%"', page.html.split("warm_up: preflight")[1]) == ["100.00", "25.00"]
    assert "measured" not in page.text


def test_the_estimate_stands_beside_what_was_measured(tmp_path: Path) -> None:
    page = render(
        tmp_path, trainings=[make_training(estimates=[("peak memory of one GPU", "12.6 GiB", "12.5 GiB (H200)")])]
    )
    assert "quantity estimate measured peak memory of one GPU 12.6 GiB 12.5 GiB (H200)" in page.text


def test_nothing_trained_on_has_no_lengths(tmp_path: Path) -> None:
    page = render(tmp_path, trainings=[make_training(preflight=make_preflight(lengths=None, trained=0))])
    assert "trained on 0" in page.text
    assert "up to" not in page.text


def test_the_best_step_is_named(tmp_path: Path) -> None:
    page = render(tmp_path, trainings=[make_training(counts=make_counts(best_step=1500))])
    assert "The weights of step 1,500 were kept" in page.text
    assert "were kept" not in render(tmp_path, trainings=[make_training()]).text


def test_charts_of_training_need_nothing_from_outside(tmp_path: Path) -> None:
    page = render(tmp_path, trainings=[make_training(name="<script>")])
    assert page.tags.count("script") == 1
    charts = "".join(page.charts)
    assert "#" not in charts.replace("url(#", "").replace('href="#', "")
    assert render(tmp_path, trainings=[make_training()]).html == render(tmp_path, trainings=[make_training()]).html


def test_the_reward_stands_beside_the_held_out_accuracy(tmp_path: Path) -> None:
    counts = make_counts(reward=0.8125, held_out_accuracy=[0.25, 0.5], held_out_rows=1000, held_out_loss=None)
    log = make_log(reward=lambda step: step / 20, eval_accuracy=lambda step: 0.5 if step % 5 == 0 else None)
    stage = make_training(name="rl", method="grpo", counts=counts, log=log)
    first, *others = panels(log, "grpo")
    assert first.legend == {"reward": "first", "held out": "second"}
    assert len(others) + 1 == len(REWARD_PANELS)
    page = render(tmp_path, trainings=[stage])
    assert "Mean reward of the last tenth of the steps: 0.812; of the 1,000 held-out problems 25.0 % were" in page.text
    assert "50.0 % at the last evaluation" in page.text
    assert "Not logged: share with the reward;" in page.text
    assert "Mean reward" not in render(tmp_path, trainings=[make_training()]).text


def test_every_column_of_a_training_by_rewards_is_drawn() -> None:
    drawn = {name for panel in REWARD_PANELS for name in panel.lines}
    rewarded = {name for name in TRAINING_LOG.names if name.startswith("reward")} - {"reward_std"}
    assert drawn >= rewarded | {
        "eval_accuracy",
        "completion_length",
        "no_signal",
        "unknown",
        "truncated",
        "kl",
        "clipped",
    }

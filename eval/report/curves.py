"""Draws a training's curves, each in a small chart of its own, so that a phone shows them below one another."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from eval.report.charts import CHART_STYLE, PAINT, svg
from records.training_log import TrainingLog

POINTS = 300
"""Most points of a curve. A longer one shows the means of spans of steps, so that the page stays small."""
MARKED = 30
"""Most points that are marked one by one: fewer than two make no line."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: its columns in the log, each with what it is called there."""

    title: str
    lines: dict[str, str]
    scale: float = 1.0
    from_zero: bool = False
    of_some: bool = False
    """True if only some methods log it: then nothing is said where it was not."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel as the page shows it."""

    title: str
    legend: dict[str, str]
    """CSS colour by name of the line; empty if there is one line alone."""
    chart: Markup | None
    """None if nothing of it was logged."""


PANELS = (
    Panel("loss, nats", {"loss": "training", "eval_loss": "held out"}),
    Panel("token accuracy, %", {"mean_token_accuracy": "training", "eval_mean_token_accuracy": "held out"}, scale=100),
    Panel("entropy, nats", {"entropy": "training", "eval_entropy": "held out"}),
    Panel(
        "tokens of a drawn completion",
        {"completion_length": "training", "eval_completion_length": "held out"},
        from_zero=True,
        of_some=True,
    ),
    Panel("learning rate", {"learning_rate": "training"}, from_zero=True),
    Panel("tokens per second", {"tokens_per_s": "all", "supervised_tokens_per_s": "with loss"}, from_zero=True),
    Panel("model FLOPs utilization, %", {"mfu": "training"}, from_zero=True),
    Panel("peak memory so far, GiB", {"memory_gib": "training"}, from_zero=True),
)
REWARD_PANELS = (
    Panel("reward, and share of held-out problems solved", {"reward": "reward", "eval_accuracy": "held out"}),
    Panel("share with the reward", {"reward_answer": "answer", "reward_format": "format"}, from_zero=True),
    Panel("rewards of language and length", {"reward_language": "language", "reward_length": "length"}),
    Panel("tokens of a completion", {"completion_length": "mean"}, from_zero=True),
    Panel("share without signal", {"no_signal": "groups of equal reward", "unknown": "completions without verdict"}),
    Panel("share cut off or clipped", {"truncated": "completions cut off", "clipped": "tokens clipped"}),
    Panel("entropy, nats", {"entropy": "training"}),
    Panel("KL to the reference policy, nats", {"kl": "training"}),
    Panel("loss", {"loss": "training"}),
    Panel("learning rate", {"learning_rate": "training"}, from_zero=True),
    Panel("seconds per draw", {"generation_s": "drawing", "judging_wait_s": "waiting for verdicts"}, from_zero=True),
    Panel("tokens per second", {"tokens_per_s": "all", "supervised_tokens_per_s": "with loss"}, from_zero=True),
    Panel("peak memory so far, GiB", {"memory_gib": "training"}, from_zero=True),
)
"""Of reinforcement learning: a reward that is hacked grows while the held-out share does not."""
SCORED_PANELS = (
    Panel("loss, nats", {"loss": "training", "eval_loss": "held out"}),
    Panel(
        "pairs, replies or steps judged right, %",
        {"judged_right": "training", "eval_judged_right": "held out"},
        scale=100,
    ),
    Panel("margin of the better reply", {"margin": "training", "eval_margin": "held out"}, of_some=True),
    Panel("first wrong steps found, %", {"eval_first_errors_found": "held out"}, scale=100, of_some=True),
    *PANELS[-4:],
)
"""Of reward models."""
BY_METHOD = {"grpo": REWARD_PANELS, "reward": SCORED_PANELS, "process_reward": SCORED_PANELS}
"""Panels of the methods that have others than PANELS."""
COLOURS = ("first", "second")


def panels(log: TrainingLog, method: str = "sft") -> list[Drawn]:
    """Return all panels of a method, those without any logged value included, unless only some trainings log them."""
    found = [(panel, drawn(panel, log)) for panel in BY_METHOD.get(method, PANELS)]
    return [shown for panel, shown in found if shown.chart is not None or not panel.of_some]


def drawn(panel: Panel, log: TrainingLog) -> Drawn:
    logged = [name for name in panel.lines if log.logged(name).size]
    legend = {panel.lines[name]: COLOURS[at] for at, name in enumerate(panel.lines) if name in logged}
    return Drawn(panel.title, legend if len(legend) > 1 else {}, chart_of(panel, log) if logged else None)


def chart_of(panel: Panel, log: TrainingLog) -> Markup:
    with rc_context(CHART_STYLE):
        figure = Figure(figsize=(4.2, 2.3), layout="constrained")
        axes = figure.subplots()
        for name, colour in zip(panel.lines, COLOURS, strict=False):
            if not log.logged(name).size:
                continue
            steps, values = points(log, name)
            marker = "o" if len(steps) <= MARKED else ""
            axes.plot(steps, panel.scale * values, color=PAINT[colour], linewidth=1.4, marker=marker, markersize=3)
        axes.set(xlabel="step")
        axes.locator_params(axis="x", integer=True)
        if panel.from_zero:
            axes.set_ylim(0, 1.1 * axes.dataLim.ymax or 1)
        axes.grid(axis="y")
        return svg(figure)


def points(log: TrainingLog, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps at which a column was logged, and its values: all, or the means of at most POINTS spans, equally
    long but for the last."""
    there = ~np.isnan(log.columns[name])
    steps, values = log.columns["step"][there], log.columns[name][there]
    starts = np.arange(0, len(steps), -(-len(steps) // POINTS))
    sizes = np.diff(np.append(starts, len(steps)))
    return np.add.reduceat(steps, starts) / sizes, np.add.reduceat(values, starts) / sizes

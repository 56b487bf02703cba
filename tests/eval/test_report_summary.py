"""The Markdown summary, its PNGs, and the commands that make the figures anew."""

from pathlib import Path

import pytest
from report_makers import BASE, FULL, NF4, make_run_traces, make_score, make_scores, samples
from report_pages import make_report

from eval.report.commands import Command, curves_command, run_command, score_commands
from eval.report.summary import write_summary
from eval.report.traces import JudgedVariant
from records.rows import LENIENT, STRICT

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_summary_has_scores_differences_flips_and_the_chart(tmp_path: Path) -> None:
    traces = make_run_traces(tmp_path, math500={FULL: samples("it", "r"), NF4: samples("it", "w")})
    change = make_score("change_from_full", -0.0167, -0.0354, 0.00001, precision="nf4", p=0.34, detectable=0.0411)
    scores = [make_score(value=0.8213), make_score(precision="nf4", value=0.8046), change]
    out = tmp_path / "out"
    out.mkdir()
    write_summary(out, make_report(scores=scores, traces=traces, commands=[Command("scores", "retort score b")]))
    text = (out / "summary.md").read_text()
    for told in (
        "# tiny\n",
        "![pass@1 of every model and precision, with 95 % intervals](accuracy-math500.png)",
        "| math500 | student | full | strict | 500 | 82.1% [40.0, 60.0] |",
        "- student nf4, change from full: −1.7 points [−3.5, +0.0], p = 0.340; shows 4.1 points",
        "- student nf4 against student full: 1 right → wrong, 0 wrong → right, of 1 problems",
        "- scores: `retort score b`",
        "[report.html](report.html)",
    ):
        assert told in text
    assert (out / "accuracy-math500.png").read_bytes().startswith(PNG)


def test_a_difference_says_by_which_rule_answers_were_read(tmp_path: Path) -> None:
    read = {STRICT: (0.206, 0.15, 0.26), LENIENT: (0.1, 0.05, 0.15)}
    gains = [
        make_score("gain_over_base", *found, p=0.01, detectable=0.08, extraction=rule) for rule, found in read.items()
    ]
    accuracies = [make_score(value=value, extraction=rule) for rule, value in ((STRICT, 0.3), (LENIENT, 0.4))]
    write_summary(tmp_path, make_report(scores=[*accuracies, *gains]))
    told = [line for line in (tmp_path / "summary.md").read_text().splitlines() if ", gain over base: " in line]
    assert [line.partition(" points")[0] for line in told] == [
        "- student full, gain over base: +20.6",
        "- student full, lenient, gain over base: +10.0",
    ]


def test_names_stay_text_and_files_stay_in_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    write_summary(out, make_report(name="<b>*tiny*</b>", scores=make_scores()))
    assert "\\<b\\>\\*tiny\\*\\</b\\>" in (out / "summary.md").read_text()
    names = {file.name for file in out.iterdir()}
    assert names == {"summary.md", "accuracy-math500.png", "accuracy-aime_25_.png"}


def test_each_benchmark_has_a_chart_of_its_own(tmp_path: Path) -> None:
    write_summary(tmp_path, make_report(scores=[make_score(benchmark=name) for name in ("a+b", "a_b")]))
    assert {file.name for file in tmp_path.glob("*.png")} == {"accuracy-a+b.png", "accuracy-a_b.png"}


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_summary(tmp_path / name, make_report(scores=make_scores()))
        written.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert written[0] == written[1]


def test_what_was_not_computed_has_no_chart(tmp_path: Path) -> None:
    nothing = {"value": None, "low": None, "high": None, "why": "not computed: every verdict is unknown"}
    write_summary(tmp_path, make_report(scores=[make_score(**nothing)]))
    assert [file.name for file in tmp_path.iterdir()] == ["summary.md"]
    assert "not computed: every verdict is unknown" in (tmp_path / "summary.md").read_text()


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["/opt/venv/bin/retort", "distill", "my pair.yaml", "run_dir=a"], "retort distill 'my pair.yaml' run_dir=a"),
        (["/opt/flows/__main__.py", "distill", "a.yaml"], "retort distill a.yaml"),
        (["/opt/prefect/engine.py"], None),
    ],
)
def test_the_command_of_the_run_is_told_where_there_is_one(argv: list[str], command: str | None) -> None:
    assert [one.command for one in run_command(argv)] == ([command] if command else [])


def test_every_score_and_difference_has_its_command() -> None:
    measured = [
        JudgedVariant("b", variant, Path(f"runs/eval-judge-{number}"))
        for number, variant in enumerate((BASE, FULL, NF4))
    ]
    assert [one.command for one in score_commands(measured)] == [
        "retort score eval-judge-0",
        "retort score eval-judge-1",
        "retort score eval-judge-2",
        "retort score eval-judge-1 --against eval-judge-0",
        "retort score eval-judge-2 --against eval-judge-0",
        "retort score eval-judge-2 --against eval-judge-1",
    ]
    assert (
        curves_command("sft", "train-1/training/tensorboard").command
        == "tensorboard --logdir train-1/training/tensorboard"
    )

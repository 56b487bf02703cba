"""The report says what a judge said, how far it agrees with the verifiers, and which rows came by it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from opinion_makers import make_opinion, second_opinion, traces_of
from report_pages import make_report

from eval.report.page import write_report
from eval.report.second_opinion import opinion_facts, opinion_rows
from eval.report.summary import write_summary
from filters.llm_judge.agreement import wilson
from records.opinion_counts import OpinionCounts


def counts_of(folder: Path, **fields: Any) -> OpinionCounts:
    return second_opinion(folder, traces_of(), make_opinion(**fields))[0]


def test_rows_and_facts(tmp_path: Path) -> None:
    counts = counts_of(tmp_path, calibration=40)
    assert opinion_rows(counts) == [
        {"not accepted for": "wrong_answer", "traces": "30", "judge passes": "0", "judge fails": "30", "unknown": "0"},
        {"not accepted for": "unverifiable", "traces": "10", "judge passes": "10", "judge fails": "0", "unknown": "0"},
    ]
    assert opinion_facts(counts, None) == [
        "Agreement with the verifiers on 40 traces that both decided: 1.00 [0.91, 1.00]; Cohen's kappa 1.00 "
        "[0.82, 1.00].",
        "It passes 1.00 [0.84, 1.00] of what the verifiers passed and fails 1.00 [0.84, 1.00] of what they failed.",
        "It is only reported: selection takes nothing on its word.",
    ]
    taken = replace(counts, admitted=10, unknown={"no_verdict": 3})
    assert opinion_facts(taken, 7)[2:] == [
        "Without a verdict, traces of the comparison included: no_verdict 3.",
        "Selection might take 10 traces on its word and took 7.",
    ]
    refused = replace(counts, refused="its kappa is low", agreement=None)
    assert opinion_facts(refused, 0) == [
        "It was not compared with the verifiers.",
        "Nothing is accepted on its word, because its kappa is low.",
    ]
    assert counts.agreement is not None
    undefined = replace(counts, agreement=replace(counts.agreement, kappa=wilson(0, 0), undecided=2))
    assert "Cohen's kappa not defined." in opinion_facts(undefined, None)[0]
    assert opinion_facts(undefined, None)[2] == "It has no verdict on 2 more traces of the comparison."


def test_the_page_shows_it_apart_from_the_verdicts(tmp_path: Path) -> None:
    run = make_report()
    write_report(tmp_path / "without.html", run)
    assert "Second opinion" not in (tmp_path / "without.html").read_text()
    told = replace(run, opinion=counts_of(tmp_path), selected=replace(run.selected, by_second_opinion=4))
    write_report(tmp_path / "with.html", told)
    page = (tmp_path / "with.html").read_text()
    for shown in ("<h2>Second opinion</h2>", "llm_judge:final_answer", "of these by the second opinion", "kappa 1.00"):
        assert shown in page
    write_summary(tmp_path, told)
    assert "llm_judge:final_answer passes 10 of 40 traces" in (tmp_path / "summary.md").read_text()

"""A report with what a test gives it, written and read as a page."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from report_makers import judging, selection

from eval.report.outlines import Lengths
from eval.report.packing import pack
from eval.report.page import write_report
from eval.report.run_report import RunReport
from eval.report.traces import RunTraces

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """The page's text, tags and attributes; fails on a tag closed out of order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.texts, self.tags = html, [], []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        self.text = " ".join(" ".join(self.texts).split())
        self.charts = re.findall(r"<svg [^>]*viewBox.*?</svg>", html, re.DOTALL)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)


def make_report(**fields: Any) -> RunReport:
    parts = {"name": "tiny", "scores": [], "curves": [], "judged": judging(), "selected": selection(), "sampled": None}
    parts |= {"traces": RunTraces(Lengths([], []), [], pack([], [])), "trainings": [], "commands": [], "lineage": []}
    return RunReport(**parts | fields)


def render(tmp_path: Path, **fields: Any) -> Page:
    folder = tmp_path / "page"
    folder.mkdir(exist_ok=True)
    write_report(folder / "report.html", make_report(**fields))
    assert [file.name for file in folder.iterdir()] == ["report.html"]
    return Page((folder / "report.html").read_text("utf-8"))


def with_lengths(lengths: Lengths) -> RunTraces:
    return RunTraces(lengths, [], pack([], []))

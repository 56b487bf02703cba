"""Measures how long a report with many traces takes to write and to open in Chromium (docs/report.md).

    python -m bench.report [--traces N] [--characters N] [--json FILE]

It makes N judged traces, four variants of a benchmark's problems, with reasoning of that many characters on average,
writes the page, and opens it from disk in a headless Chromium: until the list is drawn, until the last trace is open,
and until the first search has read all prompts.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.memory import peak_mib
from eval.report.page import write_report
from eval.report.run_report import RunReport
from eval.report.traces import JudgedVariant, RunTraces, read_run_traces
from records.counts import JudgingCounts, SelectionCounts
from records.parquet import write_rows
from records.rows import FINISHED, MATH, Trace, Variant, Verdict
from records.schemas import TRACE

VARIANTS = [
    Variant(*names) for names in (("base", "full"), ("student", "full"), ("student", "int8"), ("student", "nf4"))
]
WORDS = 20_000
"""Size of the vocabulary that texts are drawn from: they compress about as reasoning does, to two fifths."""


def traces(variant: int, problems: int, characters: int) -> Iterator[Trace]:
    draw = random.Random(variant)
    letters = random.Random(0)
    words = ["".join(letters.choices("etaoinshrdlu", k=letters.randint(2, 9))) for _ in range(WORDS)]
    for problem in range(problems):
        right = draw.random() < 0.6
        length = max(1, int(draw.lognormvariate(0, 0.6) / 1.2 * characters / 6.5))
        verdicts = [Verdict("length_bounds", "1", "pass", detail=str(length))]
        verdicts.append(
            Verdict(MATH, "4", "pass" if right else "fail", "" if right else "wrong_answer", extracted=str(problem))
        )
        yield Trace(
            problem_id=f"{problem:016x}",
            attempt=0,
            sample_index=0,
            prompt=f"Problem {problem}: " + " ".join(random.Random(problem).choices(words, k=40)),
            reference=str(problem),
            verifier=MATH,
            source="bench",
            extra=json.dumps({"level": problem % 5 + 1}),
            reasoning=" ".join(draw.choices(words, k=length)),
            answer=f"\\boxed{{{problem}}}",
            closed=True,
            finish_reason=FINISHED,
            prompt_tokens=60,
            completion_tokens=length,
            seed=problem,
            teacher="bench",
            request_fingerprint="0" * 12,
            verdicts=verdicts,
        )


def write_page(folder: Path, count: int, characters: int) -> dict[str, Any]:
    """Write the traces and the page; return the page's size, what it took, and how many traces it holds."""
    measured = []
    for number, variant in enumerate(VARIANTS):
        path = folder / str(variant)
        path.mkdir()
        write_rows(path / "judged-00000.parquet", traces(number, count // len(VARIANTS), characters), TRACE)
        measured.append(JudgedVariant("bench", variant, path))
    (folder / "teacher").mkdir()
    write_rows(folder / "teacher" / "judged-00000.parquet", [], TRACE)
    started = time.monotonic()
    found = read_run_traces(folder / "teacher", measured)
    packed_s = time.monotonic() - started
    write_report(folder / "report.html", report_of(found))
    return {
        "traces": found.packed.count,
        "flips": sum(len(one.flips) for one in found.flips),
        "page_mb": (folder / "report.html").stat().st_size / 1e6,
        "reading_and_packing_s": packed_s,
        "writing_s": time.monotonic() - started - packed_s,
        "peak_mib": peak_mib(),
    }


def report_of(traces: RunTraces) -> RunReport:
    """Return a report that has nothing but these traces."""
    nothing: dict[str, Any] = dict.fromkeys(("problems", "solved", "traces", "accepted"), 0)
    nothing |= {"prompt_tokens": 0, "completion_tokens": 0, "pass_rate": None, "by_difficulty": None, "verifier_s": 0.0}
    nothing |= {"rejected": {}, "unknown": {}, "by_source": {}, "contaminated_by": {}}
    return RunReport(
        name="bench",
        scores=[],
        curves=[],
        judged=JudgingCounts(**nothing),
        selected=SelectionCounts(selected=0, problems=0, left_out={}, disputed_references=0),
        sampled=None,
        traces=traces,
        trainings=[],
        commands=[],
        lineage=[],
    )


def open_page(path: Path) -> dict[str, Any]:
    """Open the page in a new Chromium; return milliseconds, the number of elements, and the memory of its script."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        found: dict[str, Any] = {}

        def timed(name: str, act: Callable[[], object]) -> None:
            started = time.monotonic()
            act()
            found[name] = 1000 * (time.monotonic() - started)

        def list_is_drawn() -> None:
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector("#rows .row")

        def last_is_open() -> None:
            page.locator("#list").press("End")
            page.locator("#list").press("Enter")
            page.wait_for_selector("dialog[open] .side")

        def all_are_searched() -> None:
            page.locator("#search").fill("problem 7:")
            page.wait_for_selector("#found:text('4 of')")

        timed("list_drawn_ms", list_is_drawn)
        timed("last_trace_open_ms", last_is_open)
        page.keyboard.press("Escape")
        timed("first_search_ms", all_are_searched)
        found["elements"] = page.evaluate("document.querySelectorAll('*').length")
        found["script_heap_mb"] = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
        browser.close()
    return found


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=20_000)
    parser.add_argument("--characters", type=int, default=2_000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        found = write_page(Path(name), arguments.traces, arguments.characters)
        found |= open_page(Path(name) / "report.html")
    for what, value in found.items():
        print(f"{what:24}{value:12,.{0 if isinstance(value, int) else 1}f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

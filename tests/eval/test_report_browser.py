"""The report in headless Chromium: its browser of traces filters, opens and compares, by mouse and by keyboard, under
its own content security policy."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opinion_makers import make_opinion, second_opinion
from playwright.sync_api import Browser, Page, expect, sync_playwright
from report_makers import (
    BASE,
    FULL,
    NF4,
    judged_trace,
    make_run_traces,
    make_scores,
    make_training,
    write_judged,
    write_scores,
)
from report_pages import make_report

from eval.report.commands import Command
from eval.report.page import write_report
from eval.report.traces import RunTraces, read_run_traces
from records.rows import Trace

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is missing: as root, apt-get install chromium")
HOSTILE = (
    "</script><script>document.title = 'broken'</script><img src=x onerror=\"document.title='broken'\">\u202egnp.\x00"
)
LONG = "A long line without any space: " + "1+" * 2000
MANY = 20_000
FEW = 1_500
"""Elements of a page that shows some 40 rows, whatever their number."""


def traces_of(outcomes: str, name: str) -> list[Trace]:
    """A trace of each problem: r(ight), w(rong), u(nknown), t(runcated) or e(mpty)."""
    made = []
    for at, letter in enumerate(outcomes):
        fields = {"extra": f'{{"level": {at % 3 + 1}}}', "reference": str(at), "completion_tokens": 10 + at}
        fields |= {"reasoning": f"Thought of {name} about {at}.", "answer": f"{name} says {at}"}
        fields |= {"finish_reason": "length", "answer": "", "closed": False} if letter == "t" else {}
        fields |= {"answer": ""} if letter == "e" else {}
        outcome = {"r": "pass", "u": "unknown"}.get(letter, "fail")
        reason = "truncated" if letter == "t" else ""
        made.append(judged_trace(f"Problem number {at}, of Ångström", outcome, reason, extracted=str(at), **fields))
    return made


def small(folder: Path) -> RunTraces:
    hostile = judged_trace(HOSTILE, "fail", extracted=HOSTILE, reasoning=HOSTILE, answer=HOSTILE)
    return make_run_traces(
        folder,
        teacher=[judged_trace("Train on me"), judged_trace("Not on me", "fail", "too_long"), hostile],
        sums={
            BASE: traces_of("wwwwwwww", "base"),
            FULL: traces_of("rrrrrwut", "full"),
            NF4: traces_of("rwrrwrwe", "nf4"),
        },
        others={FULL: [judged_trace(LONG, answer=LONG)]},
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    commands = [
        Command("sums: student nf4 against student full", "retort score eval-judge-sums-student-nf4-c9ec84d9029d")
    ]
    run = make_report(scores=make_scores(), traces=small(folder), trainings=[make_training()], commands=commands)
    write_report(folder / "report.html", run)
    return folder / "report.html"


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens a page from disk. Whatever the console says by the end, a refused style or script included, fails."""
    told: list[str] = []
    pages: list[Page] = []

    def load(path: Path, width: int = 1280, height: int = 900) -> Page:
        page = browser.new_page(viewport={"width": width, "height": height})
        pages.append(page)
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        return page

    yield load
    for page in pages:
        page.close()
    assert told == []


def found(page: Page) -> str:
    return page.locator("#found").inner_text()


def choose(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#{name}").select_option(value)


def test_filters_narrow_the_list(report: Path, opened: Open) -> None:
    page = opened(report)
    assert found(page) == "28 of 28 traces"
    for values, count in (
        ({"benchmark": "sums"}, 24),
        ({"variant": "student nf4"}, 8),
        ({"verdict": "verdict:wrong"}, 4),
        ({"verdict": "verdict:right"}, 4),
        ({"verdict": "empty:"}, 1),
        ({"variant": "student full", "verdict": "verdict:unknown"}, 1),
        ({"verdict": "finish:length"}, 1),
        ({"verdict": "reason:truncated"}, 1),
        ({"verdict": "", "label": "level:2"}, 3),
        ({"variant": "", "label": "level:2"}, 9),
        ({"label": "", "benchmark": "training traces", "verdict": "reason:too_long"}, 1),
    ):
        choose(page, **values)
        assert found(page) == f"{count} of 28 traces", values


def test_prompts_are_searched_whatever_the_case(report: Path, opened: Open) -> None:
    page = opened(report)
    for words, count in (("NUMBER 3, of ångström", 3), ("<img", 1), ("number 3x", 0), ("", 28)):
        page.locator("#search").fill(words)
        expect(page.locator("#found")).to_have_text(f"{count} of 28 traces")
    page.locator("#search").fill("1+1+" * 100)  # further along than the index knows the prompt
    expect(page.locator("#found")).to_have_text("1 of 28 traces")


def test_a_flip_opens_both_traces_side_by_side(report: Path, opened: Open) -> None:
    page = opened(report)
    page.get_by_role("button", name="2 right → wrong").first.click()
    assert found(page) == "2 of 28 traces"
    page.locator("#rows .row").first.click()
    sides = page.locator(".side")
    expect(sides).to_have_count(2)
    assert [sides.nth(at).locator("h3").inner_text() for at in (0, 1)] == [
        "sums: student full, sample 0",
        "sums: student nf4, sample 0",
    ]
    assert page.locator("#prompt").inner_text() == "Problem number 1, of Ångström"
    assert "full says 1" in sides.nth(0).inner_text()
    assert "nf4 says 1" in sides.nth(1).inner_text()
    assert "math: fail wrong_answer 1" in sides.nth(1).inner_text()
    boxes = [sides.nth(at).bounding_box() for at in (0, 1)]
    assert boxes[0] and boxes[1] and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]  # noqa: PT018
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#trace")).not_to_be_visible()


def test_a_problem_in_the_section_of_flips_opens_its_pair(report: Path, opened: Open) -> None:
    page = opened(report)
    page.get_by_role("button", name="Problem number 5").first.click()
    expect(page.locator("#place")).to_have_text("3 of 3")
    assert page.locator("#prompt").inner_text() == "Problem number 5, of Ångström"
    page.keyboard.press("k")
    expect(page.locator("#prompt")).to_have_text("Problem number 4, of Ångström")


def test_the_reasoning_is_folded_and_another_variant_is_set_beside(report: Path, opened: Open) -> None:
    page = opened(report)
    choose(page, variant="student full")
    page.locator("#rows .row").nth(2).click()
    thought = page.get_by_text("Thought of full about 2.")
    expect(thought).to_be_hidden()
    page.locator(".side summary").click()
    expect(thought).to_be_visible()
    page.locator("#beside").select_option(label="student nf4, sample 0: right")
    expect(page.locator(".side")).to_have_count(2)
    page.locator("#beside").select_option(label="nothing")
    expect(page.locator(".side")).to_have_count(1)


def test_every_verdict_is_shown(report: Path, opened: Open) -> None:
    page = opened(report)
    choose(page, verdict="finish:length")
    page.locator("#rows .row").click()
    assert page.locator(".side .chip").all_inner_texts() == ["length_bounds: pass 12", "math: fail truncated 7"]
    assert "unclosed" in page.locator(".side summary").inner_text()


def test_the_keyboard_does_it_all(report: Path, opened: Open) -> None:
    page = opened(report)
    selected = page.locator(".row[aria-selected=true]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(selected).to_have_id("row-1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(selected).to_have_id("row-0")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text("1 of 28")
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#place")).to_have_text("2 of 28")
    page.keyboard.press("t")
    expect(page.get_by_text("Thought of full about 0.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#trace")).not_to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("jk number 7")
    expect(page.locator("#search")).to_have_value("jk number 7")
    page.keyboard.press("Escape")
    page.locator("#search").fill("number 7")
    expect(page.locator("#found")).to_have_text("3 of 28 traces")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press(" ")
    expect(page.locator("#place")).to_have_text("3 of 3")


def test_a_list_of_nothing_opens_nothing(report: Path, opened: Open) -> None:
    page = opened(report)
    page.locator("#search").fill("nowhere")
    expect(page.locator("#found")).to_have_text("0 of 28 traces")
    for key in ("Enter", "j", "Enter", "k", " "):
        page.keyboard.press(key)
    expect(page.locator("#trace")).not_to_be_visible()


def test_hostile_text_stays_text(report: Path, opened: Open) -> None:
    page = opened(report)
    choose(page, benchmark="training traces")
    page.locator("#search").fill("<img")
    expect(page.locator("#found")).to_have_text("1 of 28 traces")
    page.locator("#rows .row").click()
    page.keyboard.press("t")
    assert page.locator("#prompt").evaluate("(element) => element.textContent") == HOSTILE
    assert page.locator(".side .passage").nth(0).evaluate("(element) => element.textContent") == HOSTILE
    assert page.title() == "Retort: tiny"
    assert page.locator("img").count() == 0


def test_the_policy_refuses_other_scripts_and_styles(report: Path, browser: Browser) -> None:
    """The policy does what the other tests rely on when they see no violation."""
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(report.as_uri())
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'broken'";
            document.body.append(script);
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.body.append(style);
            document.body.setAttribute("style", "display: none");
        }"""
    )
    expect(page.locator("h1")).to_be_visible()
    assert page.title() == "Retort: tiny"
    assert len([text for text in told if "Content Security Policy" in text]) == 3
    page.close()


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_shows_it_without_scrolling_sideways(report: Path, opened: Open, width: int) -> None:
    page = opened(report, width=width, height=844)
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(overflow) <= 0
    choose(page, verdict="flips:0:lost")
    page.locator("#rows .row").first.click()
    expect(page.locator(".side")).to_have_count(2)
    boxes = [page.locator(".side").nth(at).bounding_box() for at in (0, 1)]
    assert boxes[0] and boxes[1] and boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]  # noqa: PT018
    assert page.evaluate("document.querySelector('#trace').scrollWidth - innerWidth") <= 0
    page.keyboard.press("Escape")
    choose(page, verdict="", benchmark="others")
    page.locator("#rows .row").first.click()
    expect(page.locator("#prompt")).to_contain_text("1+1+")
    assert page.evaluate("document.querySelector('#trace').scrollWidth - innerWidth") <= 0


def test_twenty_thousand_traces_are_few_elements(tmp_path: Path, opened: Open) -> None:
    half = "rw" * (MANY // 8)
    variants = {FULL: traces_of(half, "full") * 2, NF4: traces_of(half, "nf4") * 2}
    write_report(tmp_path / "report.html", make_report(traces=make_run_traces(tmp_path, sums=variants)))
    page = opened(tmp_path / "report.html")
    assert found(page) == f"{MANY:,} of {MANY:,} traces"
    count = "document.querySelectorAll('*').length"
    assert page.evaluate(count) < FEW
    page.locator("#list").focus()
    page.keyboard.press("End")
    expect(page.locator(".row[aria-selected=true]")).to_have_id(f"row-{MANY - 1}")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text(f"{MANY:,} of {MANY:,}")
    expect(page.locator("#prompt")).to_contain_text("Problem number 4999,")
    assert page.evaluate(count) < FEW


def test_steps_have_the_colour_of_their_score(tmp_path: Path, opened: Open) -> None:
    trace = judged_trace("Two?", reasoning="😀 one.\nTwo.\n", answer="Three.\nFour.")
    judged = write_judged(tmp_path / "judged", [trace])
    scores = [[0.1, None, 0.999, 0.5]], [[0.25]], [[None, 0.2, 0.3, 0.4]]
    folders = [write_scores(tmp_path / name, name, rows, [trace]) for name, rows in zip("poe", scores, strict=True)]
    traces = read_run_traces(judged, [], scores=tuple(folders))
    write_report(tmp_path / "report.html", make_report(scores=[], traces=traces))
    page = opened(tmp_path / "report.html")
    page.locator("#list .row").click()
    steps = page.locator("#sides .step")
    expect(steps).to_have_text(["😀 one.\n", "Two.\n", "Three.\n", "Four."], use_inner_text=False)
    assert [steps.nth(at).get_attribute("class") for at in range(4)] == ["step s0", "step", "step s4", "step s2"]
    assert steps.nth(2).get_attribute("title") == "p 0.999, e 0.3"
    assert steps.nth(0).get_attribute("title") == "p 0.1"
    expect(page.locator("#sides .chip.score")).to_have_text(
        ["p: 3 steps, lowest 0.1", "o: 0.25", "e: 3 steps, lowest 0.2"]
    )
    assert page.locator("#sides .passage").all_text_contents() == [trace.reasoning, trace.answer]


def test_a_judges_verdict_stands_beside_the_verifiers(tmp_path: Path, opened: Open) -> None:
    asked = [judged_trace(f"Asked {at}", "fail" if at < 2 else "unknown", answer=str(at)) for at in range(4)]
    traces = [judged_trace("Not asked"), *asked]
    _, asking = second_opinion(tmp_path, traces, make_opinion(calibration=0))
    run = read_run_traces(asking.judged, [], opinions=asking.opinions)
    write_report(tmp_path / "report.html", make_report(scores=[], traces=run))
    page = opened(tmp_path / "report.html")
    for verdict, count in (("opinion:pass", 2), ("opinion:fail", 2), ("verdict:right", 1), ("", 5)):
        choose(page, verdict=verdict)
        assert found(page) == f"{count} of 5 traces"
    choose(page, verdict="opinion:pass")
    page.locator("#list .row").first.click()
    expect(page.locator("#sides .chip.opinion")).to_contain_text("second opinion, llm_judge:final_answer: pass")
    expect(page.locator("#sides .chips").first).not_to_contain_text("llm_judge")
    page.locator("#close").click()
    choose(page, verdict="verdict:right")
    page.locator("#list .row").first.click()
    expect(page.locator("#sides .side")).to_have_count(1)
    expect(page.locator("#sides .chip.opinion")).to_have_count(0)
    assert "opinion:admitted" not in page.locator("#verdict").inner_html()

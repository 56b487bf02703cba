"""Interrupted searches: killed, broken down, out of budget, failed. What was drawn is never drawn again."""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import ROOT
from sampling_makers import Dying, contents, kill_once_begun, traces_in
from search_makers import HALF, KINDS, Metered, problems_of, search_traces, searching, share_right

from configs.sampling import Budget
from records.errors import InputError
from records.journal_lines import lined
from records.requests import Completion, Request
from records.rows import FAILED, FINISHED
from records.search_counts import SearchedCounts
from records.step_scorer import Prefix
from teacher.search.expansion import Expansion
from teacher.search.journal import ExpansionJournal
from teacher.search.tree import Node, Wish

KILLS = 25
SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from search_makers import *
folder, problems, kind = sys.argv[1:]
sampler = FakeSampler(HALF.model_copy(update={"latency_s": 0.002, "in_flight": 16}))
search_traces(Path(folder), Path(problems), searching(kind), sampler)
"""


class Mortal(Metered, Dying):
    """Breaks down after so many completions, and says what it drew."""


class FailingLater(Metered):
    """Draws first steps alone."""

    def draw(self, request: Request) -> Completion:
        return Completion(request, "", FAILED, 5, 0, detail="later") if request.prefix else super().draw(request)


@pytest.mark.timeout(300)
def test_killed_at_any_instant_the_result_is_the_same(tmp_path: Path) -> None:
    kind = "beam"
    problems, killed = problems_of(tmp_path / "problems", 120), tmp_path / "killed"
    search_traces(tmp_path / "whole", problems, searching(kind))
    killed.mkdir()
    command = [sys.executable, "-c", SCRIPT, str(killed), str(problems), kind]
    instants = random.Random(0)
    cut = sum(kill_once_begun(command, killed, ".search-*.jsonl", instants.uniform(0, 0.1)) for _ in range(KILLS))
    assert cut >= KILLS // 2
    subprocess.run(command, cwd=ROOT, check=True)
    assert contents(killed) == contents(tmp_path / "whole")


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_drawn_and_scored_is_not_drawn_or_scored_again(kind: str, tmp_path: Path) -> None:
    problems, scored = problems_of(tmp_path / "problems", 12), list[Prefix]()

    def scorer(prefixes: Sequence[Prefix]) -> list[float | None]:
        scored.extend(prefixes)
        return share_right(prefixes)

    whole = Metered()
    search_traces(tmp_path / "whole", problems, searching(kind), whole)
    drawn = 0
    for _ in range(20):
        sampler = Mortal(HALF.model_copy(update={"in_flight": 8}))
        try:
            search_traces(tmp_path / "out", problems, searching(kind), sampler, scorer)
        except RuntimeError:
            drawn += len(sampler.drawn)
            continue
        drawn += len(sampler.drawn)
        break
    assert drawn == len(whole.drawn)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert len(scored) <= drawn + 20 * 8, "again is scored only what was being scored when it died"


def test_failed_requests_are_tried_again_and_the_rest_is_not(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 5)
    broken = HALF.model_copy(update={"failures": 1.0})
    assert search_traces(tmp_path / "out", problems, searching(), Metered(broken)).failed == 5
    assert {trace.finish_reason for trace in traces_in(tmp_path / "out")} == {FAILED}
    assert search_traces(tmp_path / "out", problems, searching()).failed == 0
    assert {trace.finish_reason for trace in traces_in(tmp_path / "out")} == {FINISHED}


def test_a_search_that_failed_goes_on_from_where_it_failed(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 6)
    whole = Metered()
    search_traces(tmp_path / "whole", problems, searching(), whole)
    failing, later = FailingLater(HALF.model_copy(update={"in_flight": 6})), Metered()
    assert search_traces(tmp_path / "out", problems, searching(), failing).failed == 6
    assert search_traces(tmp_path / "out", problems, searching(), later).failed == 0
    assert not [request for request in later.requests if not request.prefix], "the first steps were kept"
    assert {trace.answer for trace in traces_in(tmp_path / "out")} == {
        trace.answer for trace in traces_in(tmp_path / "whole")
    }


def test_a_budget_counts_all_that_searches_draw(tmp_path: Path) -> None:
    def counts_of(name: str, tokens: int | None) -> SearchedCounts:
        sampler = Metered(HALF.model_copy(update={"in_flight": 12}))
        sampling = searching(budget=Budget(tokens=tokens).model_dump())
        return search_traces(tmp_path / "run" / name, problems, sampling, sampler, reuse_from=(tmp_path / "run",))

    problems = problems_of(tmp_path / "problems", 60)
    whole = search_traces(tmp_path / "whole", problems, searching())
    half = counts_of("half", whole.tokens // 2)
    assert half.stopped_at == f"tokens: {whole.tokens // 2}"
    # Up to 20 searches are under way at the limit, more the slower the scores come. Each counts as one of average
    # length, and they may be longer together: 53.5 % were seen. Counting kept steps alone, nothing would stop.
    assert 0.3 * whole.tokens < half.tokens <= 0.57 * whole.tokens
    more = counts_of("more", whole.tokens)
    assert (more.stopped_at, more.traces, more.taken_over) == (None, 60, half.traces)
    assert more.tokens == whole.tokens - half.tokens


def test_traces_of_the_same_search_are_taken_over_and_of_another_not(tmp_path: Path) -> None:
    problems, run = problems_of(tmp_path / "problems", 8), tmp_path / "run"
    first = search_traces(run / "sample-a", problems, searching())
    same = search_traces(run / "sample-b", problems, searching(n=2), reuse_from=(run,))
    assert same.taken_over == 8
    rows = {trace.problem_id: trace.searched for trace in traces_in(run / "sample-a")}
    kept = [trace for trace in traces_in(run / "sample-b") if trace.sample_index == 0]
    assert {trace.problem_id: trace.searched for trace in kept} == rows
    assert first.tokens > 0
    other = search_traces(run / "sample-c", problems, searching(), reuse_from=(run,), search="another")
    assert other.taken_over == 0


def test_what_one_worker_drew_another_finds(tmp_path: Path) -> None:
    first, second = ExpansionJournal(tmp_path, 0, "ours"), ExpansionJournal(tmp_path, 1, "ours")
    wish = Wish(Node((), "<think>"), 0)
    for journal, text in ((first, "<think>one"), (second, "<think>another")):
        journal.add("search", text, wish, Expansion(Node((0,), text, tokens=7), 9))
        journal.score("search", text, 0.5)
        journal.close()
    for number in range(3):
        found = ExpansionJournal(tmp_path, number, "ours")
        for text in ("<think>one", "<think>another"):
            child = found.child("search", text, wish)
            assert child
            assert (child.node.text, child.node.tokens, child.tokens) == (text, 7, 9)
            assert found.scored("search", text)
        found.close()


def test_a_journal_of_other_searches_is_refused(tmp_path: Path) -> None:
    ExpansionJournal(tmp_path, 0, "ours").close()
    with pytest.raises(InputError, match="another run"):
        ExpansionJournal(tmp_path, 0, "theirs")
    (tmp_path / ".search-0.jsonl").write_bytes(b"00000000 {}\n")
    with pytest.raises(InputError, match="damaged at byte 0"):
        ExpansionJournal(tmp_path, 0, "ours")


CHILD = {"search": "s", "key": "k", "text": "So", "anew": False, "finish": "", "tokens": 1, "prompt_tokens": 1}
WHOLE_CHILD = CHILD | {"drawn": 1, "detail": ""}


@pytest.mark.parametrize(
    "record",
    [
        *(b"", b"\xff", b"[]", b"null", b"[" * 100_000, b"9" * 5000, b'{"search": ["s"], "done": true}'),
        *(b'{"search": "s", "key": "k", "value": %b}' % value for value in (b"NaN", b"1e400", b'"x"', b"[1]")),
        json.dumps(CHILD).encode(),
        *(json.dumps(WHOLE_CHILD | {name: None}).encode() for name in WHOLE_CHILD),
        json.dumps(WHOLE_CHILD | {"tokens": True}).encode(),
    ],
)
def test_a_whole_line_that_is_no_record_is_one_line(record: bytes, tmp_path: Path) -> None:
    """As another version of Retort may have written it."""
    first = lined(b'{"run": "ours"}')
    (tmp_path / ".search-0.jsonl").write_bytes(first + lined(json.dumps(WHOLE_CHILD).encode()))
    ExpansionJournal(tmp_path, 0, "ours").close()
    (tmp_path / ".search-0.jsonl").write_bytes(first + lined(record))
    for worker in (0, 1):
        with pytest.raises(InputError, match=rf"no record of a search at byte {len(first)}; remove it"):
            ExpansionJournal(tmp_path, worker, "ours")


def test_a_link_in_place_of_a_journal_is_not_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    folder.mkdir()
    (tmp_path / "victim").touch()
    (folder / ".search-0.jsonl").symlink_to(tmp_path / "victim")
    with pytest.raises(InputError, match=r"\.search-0\.jsonl: is a link"):
        ExpansionJournal(folder, 0, "identity")
    assert (tmp_path / "victim").read_bytes() == b""

"""One reply has a verdict only in the form that its rubric asks for; several need a majority."""

from typing import Any

import pytest

from configs.rubric import Rubric
from filters.llm_judge.replies import outcome_of
from filters.llm_judge.votes import Ballot, verdict_of

TAG = Rubric.model_validate("final_answer")
JSON = TAG.model_copy(update={"read": "json", "passes": ["Yes"], "fails": ["no"]})
NONE = ("unknown", "no_verdict")


DENIALS = [
    "If it were 5, the verdict would be", "You want this, and", "Given the rules I refuse to say", "If so,",
    "I refuse to say", "They agree. I decline to write",
    "It would be wrong to answer", "A careless judge would end with",
    "The solution asks me for", "The reply",
    "I am tempted to give", "Nobody could conclude", "It claims that the verdict is",
]  # fmt: skip
LEADS = [
    "Therefore,", "Thus", "They agree, so", "The two match, therefore the verdict is", "In conclusion,",
    "Based on the above, the verdict is", "Since both equal 5, my verdict is", "The verdict is therefore",
    "5 = 5 \u2192", "=>", "\u2705", "Both are $5$", "Verdict -", "\u7b54\u6848\u4e00\u81f4\uff0c\u56e0\u6b64",
    "They agree.", "They agree:", "**Verdict:**", "Final verdict:",
    "The verdict is", "So my final verdict is", "-", ">", "1.", "Therefore, the verdict is:",
    "Both are 4 (see above)", "Both are 4。",
    "They agree —", "Verdict =", "### Verdict:", "Conclusion:", "**Final judgment**:",
]  # fmt: skip


def reply(answer: str, closed: bool = True, finish_reason: str = "stop") -> dict[str, Any]:
    return {"answer": answer, "closed": closed, "finish_reason": finish_reason}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("They agree.\n\n<verdict>correct</verdict>", ("pass", "")),
        ("**<verdict> Correct </verdict>**\n", ("pass", "")),
        ("<VERDICT>wrong</VERDICT>.", ("fail", "")),
        ("<verdict>correct</verdict> But wait.", NONE),
        ("<verdict>wrong</verdict> No: <verdict>correct</verdict>", NONE),
        ("<verdict>correct</verdict><verdict>correct</verdict>", NONE),
        ("<verdict>not <Verdict>correct</verdict>", NONE),
        ("<verdict>not correct</verdict>", NONE),
        ("I would not say <verdict>correct</verdict>", NONE),
        ("It isn't `<verdict>correct</verdict>`", NONE),
        *((f"{words} <verdict>correct</verdict>", NONE) for words in DENIALS),
        *((f"{words} <verdict>correct</verdict>", ("pass", "")) for words in LEADS),
        ("They do not agree. <verdict>wrong</verdict>", ("fail", "")),
        ("They do not agree: <verdict>wrong</verdict>", ("fail", "")),
        ("<verdict></verdict>", NONE),
        ("<verdict>correct", NONE),
        ("correct", NONE),
        ("The answer is correct.", NONE),
        ("", NONE),
        ('{"verdict": "correct"}', NONE),
        ("\\boxed{correct}", NONE),
    ],
)
def test_a_tag_is_a_verdict(answer: str, said: tuple[str, str]) -> None:
    assert outcome_of(reply(answer), TAG) == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"verdict": "yes", "why": "equal"}', ("pass", "")),
        ('```json\n{"verdict": " NO "}\n```', ("fail", "")),
        ('Sure: {"verdict": "yes"}', NONE),
        ('{"verdict": true}', NONE),
        ('{"verdict": "no", "verdict": "yes"}', NONE),
        ('{"verdict": "maybe"}', NONE),
        ('["yes"]', NONE),
        ("[" * 100_000, NONE),
        ("<verdict>yes</verdict>", NONE),
    ],
)
def test_an_object_is_a_verdict(answer: str, said: tuple[str, str]) -> None:
    assert outcome_of(reply(answer), JSON) == said


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"finish_reason": "error"}, "request_failed"),
        ({"finish_reason": "prompt_too_long"}, "too_long"),
        ({"finish_reason": "length"}, "truncated"),
        ({"finish_reason": "repetition"}, "repetitive"),
        ({"finish_reason": "content_filter"}, "no_verdict"),
        ({"closed": False}, "truncated"),
    ],
)
def test_what_did_not_end_has_no_verdict(changed: dict[str, Any], reason: str) -> None:
    assert outcome_of(reply("<verdict>correct</verdict>", **changed), TAG) == ("unknown", reason)


def judged(passes: int, fails: int, unknown: int, n: int) -> tuple[str, str]:
    ballot = Ballot()
    for said, count in ((("pass", ""), passes), (("fail", ""), fails), (NONE, unknown)):
        for _ in range(count):
            ballot.add(said)
    verdict = verdict_of(ballot, n, TAG)
    assert (verdict.filter, verdict.version.partition(".")[0]) == ("llm_judge:final_answer", "1")
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize(
    ("votes", "n", "said"),
    [
        ((1, 0, 0), 1, ("pass", "")),
        ((0, 1, 0), 1, ("fail", "wrong_answer")),
        ((2, 1, 0), 3, ("pass", "")),
        ((1, 2, 0), 3, ("fail", "wrong_answer")),
        ((1, 1, 0), 2, ("unknown", "no_majority")),
        ((2, 2, 0), 4, ("unknown", "no_majority")),
        ((1, 0, 2), 3, ("unknown", "no_majority")),
        ((2, 0, 1), 3, ("pass", "")),
        ((1, 0, 0), 3, ("unknown", "no_majority")),  # the budget ended before the others
        ((0, 0, 3), 3, NONE),
        ((0, 0, 0), 3, ("unknown", "not_asked")),
    ],
)
def test_more_than_half_of_the_votes_decide(votes: tuple[int, int, int], n: int, said: tuple[str, str]) -> None:
    assert judged(*votes, n) == said

"""Rewards come from the run's own judging, in its workers."""

import time

from conftest import make_trace

from configs.judging import Judging
from flows.rewarding import reward_judge
from student.methods.rewards import Judged, rewards_of

PARTS = ["answer", "format", "language"]
GERMAN = (
    "Wir rechnen die beiden Zahlen zusammen und erhalten am Ende genau die gesuchte Summe, nämlich eine gerade Zahl."
)
CHINESE = "我们把这两个数字加在一起，最后得到所求的总和，它是一个偶数，所以答案就在下面这个方框里面。"


def test_each_part_is_what_the_filters_say() -> None:
    traces = [
        make_trace(),
        make_trace(answer="\\boxed{5}"),
        make_trace(reasoning=f"{GERMAN} {CHINESE}"),
        make_trace(reasoning=f"{GERMAN} {CHINESE}", answer="\\boxed{5}"),
        make_trace(answer="4"),
        make_trace(answer="", closed=False, finish_reason="length"),
    ]
    with reward_judge(Judging(workers=1, timeout_s=5)) as judge:
        judged = [Judged(trace, verdicts, 100) for trace, verdicts in zip(traces, judge(traces), strict=True)]
    found = [rewards_of(one, PARTS) for one in judged]
    assert found == [[1, 1, 1], [0, 1, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_what_is_not_judged_within_its_limit_has_no_reward() -> None:
    started = time.monotonic()
    with reward_judge(Judging(workers=1, timeout_s=1e-4)) as judge:
        # math-verify compares sums, which takes many milliseconds; a plain number is judged at once.
        sums = {"reference": r"\frac{n(n+1)}{2}", "answer": r"\boxed{\sum_{k=1}^{n} k}"}
        verdicts = judge([make_trace(**sums), make_trace(**sums)])
    assert [rewards_of(Judged(make_trace(), one, 100), PARTS) for one in verdicts] == [None, None]
    assert time.monotonic() - started < 10

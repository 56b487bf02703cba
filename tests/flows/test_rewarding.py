"""Rewards come from the run's own judging, in its workers."""

import json
import time

from conftest import make_trace

from configs.judging import CodeLimits, Judging
from flows.rewarding import reward_judge
from records.rows import CODE
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
    tests = json.dumps({"inputs": ["1", "1"], "outputs": ["1", "1"]})
    slow = make_trace(extra=tests, verifier=CODE, answer="```python\nwhile True: pass\n```")
    quick = make_trace(extra=tests, verifier=CODE, answer="```python\nprint(input())\n```")
    started = time.monotonic()
    with reward_judge(Judging(workers=2, code=CodeLimits(whole_s=2))) as judge:
        verdicts = judge([slow, quick, slow])
    found = [rewards_of(Judged(quick, one, 100), PARTS) for one in verdicts]
    assert found == [None, [1, 1, 1], None]
    assert time.monotonic() - started < 20

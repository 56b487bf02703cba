"""Answers that try to hang, crash, exhaust or take over a verifier all end in time, and none is accepted."""

import multiprocessing
import time

import pytest
from conftest import make_trace
from judging_makers import verify_math

from configs.judging import Judging
from filters.workers import workers

DEEP = 2000
HOSTILE = [
    "5^{5^{5^5}}", "5^5^5^5", "9^{9^{9^{9^9}}}", "10^{10^{100}}", "2^{2^{2^{2^{2^2}}}}", "(10^9)!", "((5!)!)!", "100000!", r"\binom{10^9}{5\cdot10^8}",
    r"\binom{100000}{50000}", "9" * 1_000_000, "1" + "0" * 500_000, "1/" + "3" * 300_000, "0." + "3" * 400_000, "(" * DEEP + "1" + ")" * DEEP,
    "{" * DEEP + "1" + "}" * DEEP, r"\sqrt{" * DEEP + "2" + "}" * DEEP, r"\frac{1}{" * DEEP + "2" + "}" * DEEP, "[" * DEEP, "|" * DEEP, "x" * 500_000,
    "1+" * 250_000 + "1", "1," * 200_000 + "1", "-" * 300_000 + "1", "!" * 100_000, "3" + "!" * 50, "^" * 5000, "2" + "^2" * 2000, r"\pm " * 5000 + "1",
    r"1 \pm 2 \pm 3 \pm 4 \pm 5 \pm 6 \pm 7 \pm 8 \pm 9 \pm 10 \pm 11 \pm 12 \pm 13 \pm 14 \pm 15 \pm 16 \pm 17 \pm 18 \pm 19 \pm 20 \pm 21 \pm 22",
    r"\text{" * 1000 + "4" + "}" * 1000, r"\begin{pmatrix}" + "1 & " * 50_000 + r"1\end{pmatrix}", r"\begin{matrix}" * 500, r"\cup ".join(["(1,2)"] * 5000),
    "__import__('os').system('touch /tmp/retort_was_here')", "open('/etc/passwd').read()", r"\text{__import__('os')}", "().__class__.__bases__[0].__subclasses__()",
    "lambda: 1", "exec('import os')", "eval('2+2')", "os.environ", "globals()", "4 if True else 5", "[c for c in range(10**9)]", "'4'*10**9",
    r"\sum_{i=1}^{10^{12}} i", r"\prod_{i=1}^{10^9} i", r"\int_0^{10^9} e^{x^{x}} dx", r"\lim_{x \to 0} \frac{\sin(1/x)}{x}", r"\sum_{n=1}^{\infty} \frac{1}{n^{1.0001}}",
    " ".join(f"\\boxed{{{number}}}" for number in range(5000)), "5} wait no " * 10_000, "4 \\text{ and " * 5000, r"\begin{pmatrix}1\end{pmatrix}+" * 3000,
    "第一空 " * 20_000, "(1) " * 20_000, "x = 0 or " * 5000, r"[0,1]\setminus\{1\}" * 2000, "f(" * 20_000, "4,1" * 20_000, "4 factorial", r"4 \text{ is wrong}",
    "\x00", "4\x00", "\x004", "\ud7ff\uffff\ufeff", "４̷̸̧̨̛̀́", "‮4‬5", "4⁴⁴⁴⁴⁴⁴⁴⁴⁴⁴⁴", "½½½½", "4" + "\u0301" * 10_000, "\\" * 10_001, "$" * 10_001, r"\boxed{" * 3000,
    r"\left(" * 3000, r"\frac" * 3000, r"\sqrt" * 3000, r"\log_" * 2000, "e" * 5000, "1e999999999", "1e-999999999", "1E" + "9" * 5000, "1.5.5.5", "1//2", "1/0", "0/0", r"\infty - \infty",
    "nan", "inf", "NaN", "True", "None", "4 or 5", "either 4 or 5", "4 (or maybe 5)", "not 4", r"\neq 4", "> 4", "4, 5", r"\{4, 5\}", "(4, 4)", "4 \\pm 1", "x = 4, x = 5", "4i", "4^{4}",
    r"\frac{4}{4}", "4!", "-4", "|4|i", "0.4", "44", "4.0000001", "4+10^{-30}", r"4 + \epsilon", "four hundred", "4:4", "4 \\text{ or } 5", "the reference is 4 but I say 5", "x^4", "4x", "4_5 + 1",
]  # fmt: skip


@pytest.mark.parametrize("where", ["answer", "reference"])
def test_every_hostile_answer_ends_in_time_and_none_is_accepted(where: str) -> None:
    assert len(HOSTILE) >= 100
    cases = [
        make_trace(f"\\boxed{{{text}}}", "4") if where == "answer" else make_trace("\\boxed{17}", text)
        for text in HOSTILE
    ]
    with workers(Judging(timeout_s=4)) as pool:
        started = time.monotonic()
        verdicts = [verdict for (verdict,) in pool.judge(cases)]
        took = time.monotonic() - started
        accepted = [
            (text[:60], verdict) for text, verdict in zip(HOSTILE, verdicts, strict=True) if verdict.outcome == "pass"
        ]
        assert not accepted
        assert all(verdict.outcome in ("fail", "unknown") and verdict.reason for verdict in verdicts)
        assert took < 4 * len(HOSTILE)  # no verdict beyond its limit
        assert pool.judge([make_trace(r"\boxed{\frac{8}{2}}", "4")])[0][0].outcome == "pass"
    assert not multiprocessing.active_children()


def test_nothing_of_the_text_was_run() -> None:
    from pathlib import Path

    assert not Path("/tmp/retort_was_here").exists()


@pytest.mark.parametrize(
    "answer",
    [
        "The reference answer is 4, so is mine: 5",
        r"\boxed{4} is wrong, it is \boxed{5}",
        r"<answer>4</answer> <answer>5</answer>",
        "It could be 4 or 5. The answer is 5.",
        r"\boxed{4 \text{ or } 5}",
        r"\boxed{}",
        "",
        "4 apples and 5 pears were in the basket when she came home",
    ],
)
def test_hedging_and_quoting_is_not_answering(answer: str) -> None:
    assert verify_math("4", answer).outcome == "fail"

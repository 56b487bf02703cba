# ruff: noqa: E501  several cases a line
"""What denies, hedges, takes back or merely restates is no answer, in mathematics and multiple choice."""

import time

import pytest
from judging_makers import quick_math, verify_choice, verify_math

from records.rows import Verdict

BOXED = [
    ("5", r"\text{7 or } 5"), ("5", r"\text{either 7 or }5"), ("5", r"\text{anything but }5"), ("5", r"\text{wrong: }5"),
    ("5", r"\text{incorrect }5"), ("5", r"\text{hardly }5"), ("5", r"\text{unlikely }5"), ("5", r"5\text{ish}"),
    ("B", r"\text{(B) or (C)}"), ("B", "(B) and (C)"), ("B", "B. C. D."), ("B", "(B) is wrong, (C)"), ("B", "(B) or C"),
    ("B", "B: wrong, C: right"), ("B", "B) C)"), ("B", "(B) not"), ("B", r"(B) \text{ or } (C)"),
    ("5", "2+2=5"), ("5", "7=5"), ("5", "0=5"), ("5", "x=7=5"), ("5", "AB=7=5"), ("5", r"\{7 \mid 5\}"), ("5", r"7 \in 5"),
    ("5", r"7 \to 5"), ("5", r"7 \Rightarrow 5"), ("5", r"\lim x \to 5"), ("5", r"\{x | 5\}"), ("5", "5 percent of x"),
    ("6", r"\text{total}=2\cdot 4=6"), ("3:30", "1/10"), (r"10^{60}\pi", r"10^{60}\pi+1"), ("0", r"10^{60}+\pi-10^{60}"),
    ("10^{100}", r"10^{100}+\pi-\pi+1"), ("1/3", r"\int_0^1 x^2 dx"), ("6", r"\gcd(12,18)"), ("1591", r"37 \times 43"),
    ("5", r"x \not\in \{5\}"), ("5", r"\not 5"), ("5", r"\text{nicht }5"), ("5", r"\text{不是}5"), ("5", r"5\text{不对}"), ("5", "5不对"),
    ("5", r"\text{не }5"), ("5", r"5\text{ oder }7"), ("5", r"\text{up to }5"), ("5", r"\text{double }5"), ("5", "%" * 3000), ("5", "5%%"),
    ("-5", r"\text{negative fifty}"), ("5", r"\phantom{5}"), ("5", r"\cancel{5}"), ("5", r"7\phantom{5}"), ("75", r"7\phantom{0}5\text{ no}"),
    ("5", r"\text{above }5"), ("5", r"5\text{ lakh}"), ("5", r"5\text{ gross}"), ("5", r"\text{neg }5"), ("5", r"5\text{ fails}"), ("5", "US$7"), ("1", "1_000_00"),
    ("5", r"7\boxed{5}"), ("5", r"\boxed{7}\boxed{5} 7"), ("5", r"7 = \boxed{5}"), *(("5", one) for one in ("0/0", r"\frac{5}{0}", "9^{9^{9^9}}", "(10^9)!", r"1^{\infty}", r"10^{40} \bmod 7")),
    ("55", r"\sum_{k=1}^{10} k"), ("4", "2+2"), ("4", "9-5"), ("x+y<3", "-x-y<-3"), ("x+y<3", "a+b<3"),
]  # fmt: skip
STILL_RIGHT = [
    ("5", "2+3=5"), ("5", "x=2+3=5"), ("42", "12 + 30 = 42 pencils"), ("3.14", r"22/7 \approx 3.14"), ("6", r"2 \cdot 3 = 6"),
    ("B", "(B) 15"), ("B", r"\text{(B) Smith or Jones}"), ("B", "Option B"), ("5", r"\text{about }5"), ("4", r"\frac{8}{2}"),
    ("-5", r"\text{negative five}"), ("-5", "{-}5"), ("-5", r"\text{-}5"), ("5", r"5\text{种不同的方法}"), ("5", r"5\text{ pas}"),
    ("5", r"\text{不同的方法有}5"), ("50", r"50\%"), ("75", r"\phantom{0}75"), ("3:4", "3/4"), ("10^{100}", r"10^{100}+\pi-\pi"), (r"2^{100}\sqrt2", r"\sqrt{2^{201}}"), ("300000000", r"3 \cdot 10^8"),
    *(("1000000", one) for one in ("1'000'000", "1’000’000", "1_000_000", "1.000.000", r"1\,000\,000")), ("1234567.5", "1'234'567.5"), ("1.234", "1.234"),
    ("5", r"x = \boxed{5}"), ("5", r"x=2+3=\boxed{5}"), ("5", r"\text{The answer is } \boxed{5}"), ("5", r"$\boxed{5}$"), ("5", r"\text{Answer: }\boxed{5}"), ("1, 2", r"\boxed{1}, \boxed{2}"), ("199990000", r"\binom{20000}{2}"),
    *(("100", one) for one in ("Rs. 100", "Rs 100", r"\text{Rs. }100", r"Rs.\,100", "INR 100", "EUR 100", r"A\$100", "₹100")), ("500000", r"5\text{ lakh}"),
    ("x+y<3", "-x-y>-3"), ("x+y<3", "2x+2y<6"), ("1024", "2^{10}"), (r"37 \times 43", r"37 \times 43"), ("5", r"x \to 5"),
]  # fmt: skip
TEXTS = [
    r"\boxed{5} is wrong.", r"It is not \boxed{5}.", "The answer is 5. Wait, no: 7", "The answer is 5. Or 7.",
    "The answer is 7 or the answer is 5.", r"The answer isn't \boxed{5}", r"\boxed{5}? No, 7.",
    r"\boxed{5}. Hmm, actually it is 7.", "The answer is 5. Alternatively, 7.", "The answer is 5. It may also be 7.",
    r"\boxed{5} can't be right.", r"\boxed{5} does not work.", r"The answer cannot be \boxed{5}.", r"anything but \boxed{5}",
    r"never \boxed{5}", r"\boxed{5}. No wait. 7.", r"Rejected: \boxed{5}", r"wrong: \boxed{5}", r"either 7 or \boxed{5}",
    r"\boxed{5} has to be discarded.", r"I would not say \boxed{5}.", r"答案不是 \boxed{5}", r"\boxed{5} 是错的",
    r"\boxed{5}。不对，应该是 7。", "答案是5。或者7。", "The answer is 5; no, 7.", "The answer is 5. Scratch that: 7.",
    "The answer is 5. I made an error; it is 7.", "The answer is 5. No. 7.",
    r"~~\boxed{5}~~", r"~~\boxed{5}~~ 7", r"<del>\boxed{5}</del>", r"<!-- \boxed{5} --> 7", r"\cancel{\boxed{5}}", r"\phantom{\boxed{5}} 7",
    r"\color{white}{\boxed{5}} 7", r"\iffalse \boxed{5} \fi 7", r"\begin{comment}\boxed{5}\end{comment}", "~~5~~",
    r"$x = -\boxed{5}$", r"$\pm\boxed{5}$", r"$\boxed{5} \times 10^3$", r"$\boxed{5}^2$", r"$\sqrt{\boxed{5}}$", r"\(\frac{\boxed{5}}{7}\)", r"$2 \cdot \boxed{5}$", r"$\boxed{5}/7$", r"\[\boxed{5} + 2\]",
    "\\boxed{5}\n\nOn second thought, it is 7.", "\\boxed{5}\n\n**Correction:** the value is 7.", "\\boxed{5}\n\nEdit: 7", "\\boxed{5}\n\nI was mistaken: 7.", "\\boxed{5}\n\nNever mind, it is 7.",
    "\\boxed{5}\n\nI apologize for the error; the result is 7.", "\\boxed{5}\n\nHowever, this does not satisfy the original equation.", "\\boxed{5}\n\nThis is a contradiction, so there is none.",
    r"\boxed{5}, which is extraneous.", r"\boxed{5} (wrong)", r"\boxed{5} -- wrong", r"\boxed{5} is too small.", r"\boxed{5} was my first guess, but 7 is right.", r"\boxed{5} is tempting, but 7 is right.",
    r"\boxed{5} fails the check.", r"\boxed{5} violates the condition.", r"\boxed{5} has been ruled out.", r"\boxed{5} leads to a contradiction.", r"\boxed{5} shouldn't be the answer.", r"\boxed{5} isn't the final answer.",
    r"$10^{\boxed{5}}$", r"$\frac{7}{\boxed{5}}$", r"$\log \boxed{5}$", r"$\boxed{5}\sqrt{2}$", r"$\boxed{5}i$", r"\boxed{5} turns out to be wrong.", r"\boxed{5} is no solution.", r"\boxed{5} is outside the domain.",
    r"We reject \boxed{5}.", r"We exclude x = \boxed{5}.", r"Ruling out \boxed{5}.", r"neither 7 nor \boxed{5}", r"The naive answer is \boxed{5}.", r"\boxed{5} (or 7)",
    "The answer is 5. On second thought, 7.", "Answer: >5", "The naive answer is 5.", "My initial answer is 5.", "One answer is 5.", "It is unlikely that the answer is 5.", "The answer is the opposite of 5.", "The floor of the answer is 5.",
    "The answer is any number but 5.", "So n = 5 fails.", "答案是5。更正：7。", "Die Antwort ist 5. Nein, 7.", "Ответ: 5. Нет, 7.", "答えは5より大きい。", "답은 5보다 크다.",
    r"Do not write \boxed{5}.", r"It would be wrong to answer \boxed{5}.", r"A common mistake is to answer \boxed{5}.",
    r"One might think \boxed{5}, yet it is 7.", r"\boxed{5}, no, 7", r"\boxed{5} → no.", r"\boxed{5}: false. 7: true.", r"\boxed{5} ✗ 7 ✓",
    r"❌ \boxed{5} ✅ 7", r"\boxed{5} is a distractor.", r"\boxed{5} would be the answer if n were even.", "<answer>5</answer> is wrong",
    "It is not <answer>5</answer>.", "Twice the answer is 5.", "The last digit of the answer is 5.", "An upper bound for the answer is 5.",
    "Half of the final answer is 5.", "It is false that the answer is 5.", "Nobody says that the answer is 5.", "Someone said the answer is 5.",
    "The answer to the previous question is 5.", "答案至少是5。", "答案为5是错误的。", "La respuesta no es 5.", "答えは5ではない。", "답은 5가 아니다.",
]  # fmt: skip
STILL_SAID = [
    r"The answer is not an integer multiple of 2, it is \boxed{5}.", r"\boxed{5}. Alternatively, we can count the ways.",
    r"x is never 0, so \boxed{5}", r"\boxed{5} is right.", r"The answer is \boxed{5}. Wait for the next problem.",
    "I first had 7, which is wrong. The answer is 5.", r"~~\boxed{7}~~ \boxed{5}", "~~7~~ 5", r"<del>7</del> \boxed{5}", r"x ~~=~~ 5, so \boxed{5~~\text{cm}}", r"\boxed{5} ✓", r"✅ \boxed{5}",
    r"Not 7. \boxed{5}", r"7 is a common mistake. \boxed{5}", r"\boxed{5}, no units", "Is it odd? Yes.\n\nanswer: 5", r"\boxed{5}: 7 is false", r"7 ❌ \boxed{5}",
    r"$\boxed{5}$ can't be simplified further.", r"$\boxed{5}$ cannot be reduced.", r"\boxed{5} is impossible to improve.", r"\boxed{5} is wrong only if I misread the problem.", r"$\boxed{5}^\circ$", r"$\boxed{5}^{\text{th}}$",
    r"$2 + 3 = 5 \boxed{5}$", r"$2 + 3 = 5\boxed{5}$", "\\boxed{5}\n- 7 is too large", "\\boxed{5}\n- 7", "$x = \\boxed{5}$\n+ 7",
    r"$5 = \boxed{5}$", r"- \boxed{5}", "Step 3 - \\boxed{5}", r"\boxed{5} - so it is done.", r"\boxed{5} / \boxed{5}", r"$3 + 2 = \boxed{5}$", r"$\boxed{5}$ + $0", r"$\boxed{5} \text{ cm}^2$", "answer>5</answer>", "Answer => 5",
    "\\boxed{5}\n\nHowever, this does not hold for n = 0.", "\\boxed{5}\n\nUniqueness: suppose n = 7. This is a contradiction.", r"7 is excluded. \boxed{5}", "We reject x = 7. The answer is 5.", "So, x equals 5, not 7.", "So 7 fails and x = 5.", "Therefore x = 5, since 7 fails.", "The one answer is 5.", "答案：5（不是7）", "La respuesta correcta es 5, no 7.",
    "<s>The answer is 5</s>", "The answer, no doubt, is 5", "The value of the answer is 5.", "The answer of the problem is 5.",
    "The sum of the digits is the answer: 5", "Thus our final answer to part (b) is 5.", r"\boxed{5} (not 7)", r"It is either even or odd, and \boxed{5}",
]  # fmt: skip


@pytest.mark.parametrize(("reference", "answer"), BOXED)
def test_no_answer_in_a_box(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome != "pass"


@pytest.mark.parametrize(("reference", "answer"), STILL_RIGHT)
def test_right_in_a_box(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == "pass"


WITH_VALUE = [
    "5", r"\frac{14}{3}", r"2\sqrt{3}", "(3,4)", "x+1", "x=3", r"\begin{pmatrix}1\\2\end{pmatrix}", "Evelyn", "3:4", "1,2", r"5\%", "10 cm",
    r"(1,\infty)", "2^{10}", "y=2x+1", "p-q", r"\log_2 3",
]  # fmt: skip
WITHOUT_VALUE = [
    "0/0", "x/0", "9^{9^{9^9}}", "x^{10^9}", r"10^{40} \bmod 7", r"(0/0, 4)", r"\{0/0\}", r"\binom{10^9}{10^8}", r"\begin{x}",
    "7:00y", "]+[1,2)", r"'y\pm 2", r"\infty \text{ and } \setminus", r"9^{9^{9^9}} \over 2", r"\begin{cases}9^{9^{9^9}}\end{cases}", r"\log_{10} \dots 9^{9^{9^9}}",
]  # fmt: skip


@pytest.mark.parametrize("reference", WITH_VALUE)
@pytest.mark.parametrize("answer", WITHOUT_VALUE)
def test_what_has_no_value_fails_beside_a_reference_that_has_one(reference: str, answer: str) -> None:
    """Unknown, it would cost a policy nothing: reinforcement learning leaves such completions out."""
    verdict = quick_math(reference, f"\\boxed{{{answer}}}")
    assert verdict is not None, "another parser could work at it without an end"
    assert verdict.outcome == "fail"


@pytest.mark.parametrize(
    ("reference", "answer"), [("0/0", "5"), ("x^{10^9}", "x"), ("10^{600}\\pi", "2 \\cdot 5 \\cdot 10^{599}\\pi")]
)
def test_a_reference_without_a_value_that_can_be_computed_decides_nothing(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == "unknown"


@pytest.mark.parametrize("text", TEXTS)
def test_no_answer_in_a_text(text: str) -> None:
    assert verify_math("5", text).outcome == "fail"


@pytest.mark.parametrize("text", STILL_SAID)
def test_an_answer_in_a_text(text: str) -> None:
    assert verify_math("5", text).outcome == "pass"


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{B}. Wait, no: C", "The answer is B. Wait, no: C", "The answer is B. No, C.", "The answer is B. Or C.",
        "The answer is B. Hmm, actually C.", "The answer is C or the answer is B.", r"\boxed{B} no wait, C",
        "~~B~~", "<answer>B</answer> is wrong", r"\boxed{B} → no.", r"\boxed{B} ✗", "<del>B</del> C?", r"~~\boxed{B}~~ C or D", "Answer: B (wrong), C (right)", r"Do not pick \boxed{B}.",
        r"\boxed{B} (wrong)", r"\boxed{B}, which is wrong.", r"\boxed{B} is eliminated.", r"\boxed{B} fails.", r"\boxed{B} was my first guess; C is right.", "\\boxed{B}\n\nOn second thought, C.",
        "\\boxed{B}\n\nHowever, C fits better, so the answer is C.", r"We eliminate \boxed{B}.", "The answer is B. On second thought, C.", "The answer is B. I mean C.",
        r"A common mistake is \boxed{B}.", "(B) is wrong, (C)", "(B) and (C)", "anything but B", r"It is not \boxed{B}", r"\boxed{\text{(B) or (C)}}",
    ],
)  # fmt: skip
def test_no_choice(text: str) -> None:
    assert verify_choice("B", "", text).outcome == "fail"


@pytest.mark.parametrize(
    "text",
    [
        *("\\boxed{B}\n\nSo the answer is B.", "\\boxed{B}\n\nQuestion: 2 + 2? The answer is C."),
        "The answer is B. Wait, I should say why: it is even.",
        r"\boxed{B}. A is too small.",
        r"~~A~~ \boxed{B}",
    ],
)
def test_a_choice(text: str) -> None:
    assert verify_choice("B", "", text).outcome == "pass"


@pytest.mark.parametrize(
    "text", ["The answer is \x005\x00 ok", "The answer is: $5$ \x007\x00.", "\x000\x00", "\x00" * 999]
)
def test_a_text_with_marks_of_its_own_is_read(text: str) -> None:
    assert isinstance(quick_math("5", text), Verdict)


@pytest.mark.parametrize(
    "text",
    [" ".join(f"\\boxed{{{at}}}" for at in range(400)), f"\\boxed{{{', '.join(['20000!'] * 200)}}}",
     ", ".join(rf"\boxed{{\frac{{{at}}}{{7}}+\sqrt{{{at}}}}}" for at in range(400))],
)  # fmt: skip
def test_many_large_answers_take_seconds_at_most(text: str) -> None:
    started = time.process_time()
    verify_math("5", text)
    assert time.process_time() - started < 4


@pytest.mark.parametrize("text", ["It does not meet them.\n\nanswer: No", "The answer: no.", "Answer → no", "#### no"])
def test_no_is_an_answer(text: str) -> None:
    assert verify_math("no", text).outcome == "pass"

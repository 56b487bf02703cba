"""A trace must keep to its language; formulas, code and names have none."""

import random
import time

import pytest
from conftest import make_trace

from configs.judging import LanguageRule
from filters.rules.language import Language, expected_of, prose, word_counts
from records.rows import Trace

RULE = Language(LanguageRule())
ENGLISH = (
    "We first find the number of apples that she has left at the end of the day, and then multiply it by the price of "
    "one apple to see how much money she makes. Since every apple costs two dollars, the result follows at once. "
)
GERMAN = (
    "Wir berechnen zuerst die Anzahl der Äpfel, die am Ende des Tages übrig bleiben, und multiplizieren sie dann mit "
    "dem Preis eines Apfels, um zu sehen, wie viel Geld sie damit verdient. "
)
CHINESE = "首先我们计算一天结束时剩下的苹果数量，然后乘以每个苹果的价格，就可以得到她赚了多少钱。因此答案如下所示。"
JAPANESE = (
    "まず、一日の終わりに残っているりんごの数を計算し、"
    "次にりんご一個の値段を掛けると、彼女がいくら稼いだかが分かります。"
)
RUSSIAN = "Сначала найдём число яблок, которые останутся в конце дня, а затем умножим его на цену одного яблока. "
QUESTION = "How many dollars does she make every day when she sells all of the apples at the farmers' market?"
FRAGE = "Wie viel Geld verdient sie jeden Tag, wenn sie alle Äpfel auf dem Markt in der Stadt verkauft?"
FRAGE_ZH = "她每天卖掉剩下的所有苹果一共可以赚多少钱？请写出推理过程，并给出最终的答案。"


@pytest.mark.parametrize(
    "trace",
    [
        make_trace(prompt=QUESTION, reasoning=ENGLISH * 3, answer=ENGLISH),
        make_trace(prompt=FRAGE_ZH, reasoning=CHINESE * 3, answer=CHINESE),
        make_trace(prompt=FRAGE_ZH, reasoning=ENGLISH * 3, answer=CHINESE),  # English is allowed in the reasoning
        make_trace(prompt=FRAGE_ZH, reasoning=ENGLISH + CHINESE, answer=CHINESE),
        make_trace(prompt=FRAGE, reasoning=ENGLISH, answer=GERMAN),
        make_trace(prompt=QUESTION, reasoning=ENGLISH * 3 + "中位数", answer=ENGLISH),  # a term is no mixture
        make_trace(prompt="4 - 1 =", reasoning=GERMAN * 3, answer=GERMAN),  # the prompt has no language
        make_trace(prompt=QUESTION, reasoning="\\alpha\\beta " * 200 + "αβγ " * 200, answer="ABC ACD BCD " * 40),
        make_trace(prompt=QUESTION, reasoning="```python\nfür_alle = sum(x_i)\n```" * 50, answer="\\boxed{4}"),
        make_trace(prompt=QUESTION, reasoning="-2*x*asin(x) + sqrt(1 - x**2) dx " * 60, answer="4"),
        make_trace(prompt=QUESTION, reasoning="", answer=""),
        make_trace(prompt="", reasoning="one", answer="\0"),
    ],
)
def test_one_language_passes(trace: Trace) -> None:
    assert RULE.judge(trace).detail == ""


@pytest.mark.parametrize(
    ("trace", "part"),
    [
        (make_trace(prompt=QUESTION, reasoning=ENGLISH + CHINESE, answer=ENGLISH), "reasoning"),
        (make_trace(prompt=QUESTION, reasoning=CHINESE * 3, answer=ENGLISH), "reasoning"),
        (make_trace(prompt=QUESTION, reasoning=ENGLISH, answer=ENGLISH + GERMAN), "answer"),
        (make_trace(prompt=QUESTION, reasoning=ENGLISH, answer=RUSSIAN), "answer"),
        (make_trace(prompt=QUESTION, reasoning=ENGLISH + JAPANESE, answer=ENGLISH), "reasoning"),
        (make_trace(prompt=FRAGE_ZH, reasoning=CHINESE, answer=ENGLISH), "answer"),
        (make_trace(prompt="4 - 1 =", reasoning=RUSSIAN * 2 + GERMAN * 3, answer="3"), "reasoning"),
    ],
)
def test_mixtures_are_rejected(trace: Trace, part: str) -> None:
    verdict = RULE.judge(trace)
    assert verdict.reason == "mixed_language"
    assert verdict.detail.startswith(part)


def test_a_list_of_languages_overrules_the_prompt() -> None:
    rule = Language(LanguageRule(expected=["de"], reasoning=[]))
    assert rule.judge(make_trace(prompt=QUESTION, reasoning=GERMAN, answer=GERMAN)).outcome == "pass"
    assert rule.judge(make_trace(prompt=QUESTION, reasoning=ENGLISH, answer=GERMAN)).reason == "mixed_language"


def test_formulas_are_no_prose() -> None:
    text = prose("Let $\\operatorname{lcm}(a, b) = x_1$ be \\begin{align*} 3 \\end{align*} ```code``` of https://a.b/c")
    assert text.split() == ["Let", "$", "(", ",", ")", "=", "$", "be", "of"]


def test_scripts_of_one_language_need_no_detector() -> None:
    assert set(word_counts(CHINESE)) == {"zh"}
    assert set(word_counts(JAPANESE)) == {"ja"}
    assert set(word_counts("그러므로 답은 셋이다")) == {"ko"}


@pytest.mark.parametrize(
    ("korean", "chinese", "outcome"),
    [(0, 4, "pass"), (0, 5, "fail"), (4, 5, "fail"), (5, 5, "pass"), (6, 5, "pass"), (5, 6, "fail"), (9, 4, "pass")],
)
def test_foreign_words_are_too_many_by_number_and_by_share(korean: int, chinese: int, outcome: str) -> None:
    rule = Language(LanguageRule(expected=["ko"], reasoning=[], min_foreign_words=5, max_foreign_share=0.5))
    text = "답은 " * korean + "中文" * chinese
    assert rule.judge(make_trace(reasoning=text, answer="")).outcome == outcome


@pytest.mark.parametrize(
    ("ideographs", "counts"), [(18, {"ja": 10}), (20, {"zh": 10, "ja": 1}), (22, {"zh": 11, "ja": 1})]
)
def test_one_word_with_kana_among_ten_is_not_japanese(ideographs: int, counts: dict[str, float]) -> None:
    assert word_counts("中" * ideographs + " かな") == counts


@pytest.mark.parametrize(("chinese", "languages"), [(3, {"ko", "zh"}), (4, {"ko", "zh"}), (5, {"zh"})])
def test_a_prompt_is_in_each_language_of_a_fifth_of_its_words(chinese: int, languages: set[str]) -> None:
    assert expected_of("답은 " + "中文" * chinese) == languages


@pytest.mark.parametrize(("words", "counted"), [(11, 0), (12, 12), (40, 40), (51, 40), (52, 52)])
def test_a_chunk_of_fewer_than_12_words_is_not_identified(words: int, counted: int) -> None:
    assert word_counts(" ".join((ENGLISH * 2).split()[:words])).get("en", 0) == counted


def test_greek_is_a_language_and_its_letters_are_variables() -> None:
    text = (
        "Πρώτα βρίσκουμε πόσα μήλα μένουν στο τέλος κάθε ημέρας και μετά πολλαπλασιάζουμε τον αριθμό με την τιμή τους. "
    )
    assert set(word_counts(text * 2)) == {"el"}
    assert not word_counts("αβ βγ α + β + γδ " * 40)


def test_half_a_megabyte_of_anything_takes_about_a_second() -> None:
    draw = random.Random(1)
    garbled = "".join(chr(draw.randrange(0x20, 0x2FFF)) for _ in range(250_000))
    started = time.process_time()
    for text in (garbled, ENGLISH * 1500, "\\begin{" * 70_000, "\ud800" * 500_000, "https://" * 60_000):
        RULE.judge(make_trace(prompt=QUESTION, answer=text))
    assert time.process_time() - started < 6

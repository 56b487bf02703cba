"""Refusals are found in the common languages; mathematical answers are not taken for refusals."""

import pytest
from conftest import make_trace

from filters.rules.refusal import Refusal

RULE = Refusal()


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I cannot solve this problem.",
        "I cannot answer this question.",
        "I am unable to provide a solution.",
        "As an AI language model, I do not have opinions.",
        "I don't know.",
        "I apologize, but the question is outside of what I may discuss.",
        "Sorry for the trouble. I am not able to complete the task.",
        "\\boxed{\\text{I cannot answer}}",
        "I'm sorry, but I can't solve it. My guess is \\boxed{4}.",
        "抱歉，我无法回答这个问题。",
        "作为一个人工智能，我没有观点。",
        "Lo siento, no puedo ayudar con eso.",
        "Je suis désolé, mais je ne peux pas répondre.",
        "Es tut mir leid, aber ich kann diese Frage nicht beantworten.",
        "Desculpe, não posso ajudar.",
        "Извините, я не могу ответить на этот вопрос.",
        "申し訳ありませんが、お答えできません。",
    ],
)
def test_refusals(answer: str) -> None:
    verdict = RULE.judge(make_trace(answer=answer))
    assert (verdict.outcome, verdict.reason) == ("fail", "refused")
    assert verdict.detail


@pytest.mark.parametrize(
    "answer",
    [
        "\\boxed{4}",
        "The limit does not exist, so it cannot be determined. \\boxed{\\text{no solution}}",
        "There is not enough information to answer: the answer is (E) cannot be determined.",
        "We can't divide by zero, so x = 3.",
        "No se puede resolver: la ecuación no tiene solución.",
        "The AI wins in 3 moves. As an airplane flies, 4 hours.",
        'She said "I don\'t care" and left with 4 apples.',
        "He could not help but notice that the sum is 7.",
        "此方程无解。",
        "I know that 2 + 2 = 4.",
        "Work: " + "x + 1 = 2, so x = 1. " * 40 + "I cannot give more digits here. \\boxed{1}",
        "",
        "word",
        "\0" * 500_000,
        "i'm " * 125_000,
        "\ud800",
    ],
)
def test_answers_are_not_refusals(answer: str) -> None:
    assert RULE.judge(make_trace(answer=answer)).outcome == "pass"


@pytest.mark.parametrize("answer", ["\\boxed{}", "The answer is \\boxed{ }."])
def test_an_empty_box_is_no_answer(answer: str) -> None:
    assert RULE.judge(make_trace(answer=answer)).reason == "no_answer"


def test_the_reasoning_may_doubt() -> None:
    assert RULE.judge(make_trace(reasoning="I'm sorry, but I can't solve it. Or can I?")).outcome == "pass"

"""Multiple choice: letters, letters with text, texts, several languages, several right letters."""

import pytest

from filters.choice_answer import verify_choice

OPTIONS = '{"options": {"A": "12", "B": "15 apples", "C": "a triangle", "D": "None of the above"}}'

ACCEPTED = [
    ("B", "", "B"), ("B", "", "(B)"), ("B", "", "B."), ("B", "", "**B**"), ("B", "", "b"), ("B", "", r"\boxed{B}"), ("B", "", r"\boxed{\text{B}}"),
    ("B", "", r"\boxed{\text{(B)}}"), ("B", "", r"\boxed{B) 15}"), ("B", "", "B) 15"), ("B", "", "(B) 15 apples"), ("B", "", "Option B"),
    ("B", "", "The correct answer is B."), ("B", "", "The answer is (B) 15."), ("B", "", "Answer: B"), ("B", "", "**Answer:** B"),
    ("B", "", "The correct option is **B**."), ("B", "", "After ruling out A and C, I choose B."), ("B", "", "A is wrong. The answer is B."),
    ("B", "", "正确答案是B。"), ("B", "", "答案：B"), ("B", "", "因此选B"), ("B", "", "La respuesta correcta es B."), ("B", "", "Die richtige Antwort ist B."),
    ("B", "", "La bonne réponse est B."), ("B", "", "Правильный ответ: B"), ("B", "", "答えはB"), ("B", "", "정답은 B"), ("B", "", "A resposta correta é B."),
    ("B", OPTIONS, "15 apples"), ("C", OPTIONS, r"\boxed{a triangle}"), ("C", OPTIONS, "The answer is a triangle."), ("D", OPTIONS, "None of the above"),
    ("B", OPTIONS, "(B) 15 apples"), ("A", OPTIONS, r"\boxed{12}"), ("A,C", "", "A and C"), ("A,C", "", "AC"), ("AC", "", "C, A"), ("A, C", "", r"\boxed{A, C}"),
    ("A,B,D", "", "A, B and D"), ("A,C", "", "The correct answers are A and C."), ("A", '["yes", "no"]', "yes"), ("C", "", "<answer>C</answer>"),
]  # fmt: skip
REJECTED = [
    ("B", "", "A"), ("B", "", "(C)"), ("B", "", r"\boxed{D}"), ("B", "", "The answer is A, not B."), ("B", "", "A or B"), ("B", "", "either A or B"),
    ("B", "", "A and B"), ("B", "", "AB"), ("A,C", "", "A"), ("A,C", "", "A, B, C"), ("A,C", "", "ABC"), ("A", "", "A number of things could be said about this."),
    ("I", "", "I think it is complicated."), ("B", "", ""), ("B", "", "Let me think about B first"), ("B", "", "None"), ("A", OPTIONS, "(A) 15 apples"),
    ("B", OPTIONS, "12"), ("B", OPTIONS, "15 oranges"), ("D", OPTIONS, "a triangle"), ("B", "", "The answer is B or C."), ("C", "", "答案是A"),
    ("B", "", r"\boxed{A} or \boxed{B}"), ("B", "", "Bob"), ("A", "", "apple"), ("E", "", "Everything else follows from this."), ("B", "", "42"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "extra", "answer"), ACCEPTED)
def test_accepted(reference: str, extra: str, answer: str) -> None:
    verdict = verify_choice(reference, extra, answer)
    assert verdict.outcome == "pass", verdict


@pytest.mark.parametrize(("reference", "extra", "answer"), REJECTED)
def test_rejected(reference: str, extra: str, answer: str) -> None:
    verdict = verify_choice(reference, extra, answer)
    assert verdict.outcome == "fail", verdict
    assert verdict.reason in ("wrong_answer", "no_answer")


def test_a_reference_that_names_no_letter_is_unverifiable() -> None:
    assert verify_choice("twelve", "", "B").outcome == "unknown"
    assert verify_choice("", "", "B").outcome == "unknown"


def test_broken_options_do_not_matter() -> None:
    assert verify_choice("B", "{not json", "(B)").outcome == "pass"

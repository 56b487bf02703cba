"""Multiple choice: which texts name an option, in several languages, and which do not."""

import json
import re

import pytest
from further_cases import FURTHER_CHOICES
from judging_makers import verify_choice

from filters.verifiers.choice_answer import HEAD, TAIL

PLANETS = json.dumps({"options": {"A": "Venus", "B": "Mars", "C": "Jupiter", "D": "Saturn"}})
SHAPES = json.dumps({"options": {"A": "A square", "B": "A triangle", "C": "A circle", "D": "I am not a shape"}})
NUMBERS = json.dumps(["12", "15 apples", "20", "None of the above"])
MATHS = json.dumps(["\\frac{1}{3}", "\\frac{1}{2}", "$\\sqrt{2}$", "x > 2", "-1", "$5.50"])
PROSE = "The red planet is known for its iron oxide. Option A is too hot and option C is a gas giant.\n\n"

# All of these say B of PLANETS.
FORMS = [
    "B", "(B)", "B.", "B)", "b", "(b)", "b)", "[B]", "[[B]]", "$B$", "**B**", "**B. Mars**", "B: Mars", "B - Mars",
    "B Mars", "b. Mars", "Mars", "mars.", "**Mars**", "Option B", "【B】", "（Ｂ）", "B选项", "B번", "- B", "#### B",
    "B</s>", "<b>B</b>", "B!", "'B'", "\\boxed{B}", "$\\boxed{\\textbf{(B)}\\ \\text{Mars}}$",
    "\\boxed{\\text{Mars}}", "\\boxed{b}", "\\fbox{B}", "\\boxed{\\boxed{B}}", "<answer>\nB\n</answer>",
    "<answer>The answer is B.</answer>", "<answer>B</answer><answer></answer>", "<ANSWER>Mars", '{"answer": "B"}',
    '```json\n{"reason": "The answer is A?", "answer": "(B) Mars"}\n```', "{'answer': 'B'}", '{"choice": "B"}',
]  # fmt: skip
STATED = [
    "The answer is B.", "the answer is b.", "The correct answer is **(B) Mars**.",
    "The correct answer is:\n\n**B) Mars**", "**Answer**\n\nB", "### Answer\nB", "## Final Answer\n\n(B) Mars",
    "**Answer:** B. Mars", "| **Answer** | **B** |", "Answer - B", "The answer to this question is (B) Mars.",
    "The answer is therefore clearly option B: Mars.", "The answer is “B”.", "The answer is $\\mathbf{B}$.",
    "The answer is Mars.", "The answer is Mars, not Venus.", "The answer is Mars (option B).",
    "The answer is B, not A.", "The answer is B and not A.", "The answer is B, A is wrong.",
    "The answer is B because of the iron.", "The correct answer is letter B.", "The correct option is (b) Mars",
    "The correct statement is B.", "My choice is B.", "I choose B.", "I'd go with B.", "So, B.",
    "Therefore, B is correct.", "So B is right.", "Hence, (B) is the answer.", "Final verdict: [[B]]",
    "Option B: Mars is correct.", "B) Mars is the correct answer.", "Neither A nor C is correct. The answer is B.",
    "The answer is B.\n\nA: incorrect.\nC: incorrect.", "The answer is B. The answer A is wrong.",
    "The given answer is A, mine is B.", "The answer is B. If you meant the hottest planet, the answer is A.",
    "The answer is B\n\nThis answer is correct.",
]  # fmt: skip
LANGUAGES = [
    "正确答案是 **B. Mars**。", "答案是选项B。", "正确选项是B。", "所以正确答案是B选项。", "选项B正确。",
    "B是正确答案。", "故选：B．", "【答案】B\n【解析】A是错的。", "正确的是B。", "A错误；B正确；C错误。",
    "正解はBです。", "正解は選択肢Bです。", "したがって、答えは(B)となります。", "Bが正解です。", "정답은 B번입니다.",
    "따라서 답은 (B)이다.", "B가 정답입니다.", "올바른 답: B", "La réponse est l'option B.",
    "La bonne réponse est donc la B.", "C'est la réponse B.", "L'option B est correcte.",
    "La respuesta correcta es la opción B.", "La opción correcta es la B) Mars.", "La B es la respuesta correcta.",
    "A resposta correta é a B.", "A alternativa correta é a letra B.", "Gabarito: B", "La risposta corretta è la B.",
    "La lettera giusta è B.", "Die richtige Antwort lautet (B) Mars.", "Antwort B ist richtig.",
    "Richtig ist Antwort B.", "Het juiste antwoord is B.", "Optie B is juist.", "Правильный ответ — B.",
    "Вариант B является правильным.", "B — правильный ответ.", "الإجابة الصحيحة هي الخيار B.", "الجواب الصحيح: (B)",
    "सही उत्तर (B) है।", "उत्तर: B", "विकल्प B सही है।", "সঠিক উত্তর হল B।", "উত্তর: B", "คำตอบที่ถูกต้องคือข้อ B", "ข้อ B ถูกต้อง",
    "Jibu sahihi ni B.", "Jibu: B", "సరైన సమాధానం B.", "సమాధానం: B", "Đáp án đúng là B.", "Chọn B.",
    "Jawaban yang benar adalah B.", "Jadi, jawabannya adalah B.", "Prawidłowa odpowiedź to B.",
    "Odpowiedź B jest poprawna.", "Doğru cevap B'dir.", "Doğru cevap B şıkkıdır.", "Η σωστή απάντηση είναι η B.",
]  # fmt: skip
CORRECTED = [
    "The answer is A. Wait, Venus is white. The answer is B.", "The answer is A. Actually, B is correct.",
    "\\boxed{A}... no, \\boxed{B}.", "At first the answer is A. But \\boxed{B}", "<think>\\boxed{A}</think>\nB",
    "The answer is A.</think>\n\n**B**", "<thinking>A</thinking>Mars",
]  # fmt: skip
LINES = [
    "B\n\nExplanation: Mars has iron oxide.", "B. Mars\n\nMars is red.",
    "(B) Mars is called the red planet because of the iron oxide.", "B, because Mars is red.", "Mars\n\nIt is red.",
    f"{PROSE}B", f"{PROSE}**(B)**", f"{PROSE}**B. Mars**",
]  # fmt: skip

# None of these names an option of PLANETS.
PROSE_ONLY = [
    "", "   ", "Mercury", "I cannot say.", "None of the above.", "Vitamin B is important.", "Vitamin B is correct.",
    "Let's examine option B first.", "A planet is a body that orbits a star.", "A planet",
    "A good way is elimination.", "The answer is a planet with iron oxide.", "The best answer is a matter of debate.",
    "The answer is difficult to determine.", "The answer is B12.", "The answer is B-type.", "The answer is B = 5.",
    "The answer is f(a).", "The answer is A:B.", "A is right next to B.", "Answer choices:\nA. Venus\nB. Mars",
    "Options:\nA. Venus\nB. Mars\nAnswer:", "A) Venus: it is white.\nB) Mars: it is not a gas",
    "A. Let me think about it.", "\\boxed{42}",
]  # fmt: skip
HEDGES = [
    "A or B", "A/B", "either A or B", "B or maybe A", "The answer is **A** or **B**.", "The answer is A, or maybe B.",
    "The answer is B?", "The answer could be B.", "Perhaps the answer is between A and B.",
    "The answer is B if it is cold.", "The answer is B, unless it is hot.", "\\boxed{A} or \\boxed{B}",
    "\\boxed{A \\text{ or } B}", "\\boxed{B} or A", "<answer>A or B</answer>", '{"answer": "A or B"}', "答案是A或B。",
    "答案可能是B。", "答案是B吗？", "答えはAまたはBです。", "정답은 A 또는 B입니다.", "La respuesta es A o B.",
    "La réponse est A ou B.", "Die Antwort ist A oder B.", "A resposta é A ou B.", "La risposta è A o B.",
    "Het antwoord is A of B.", "Ответ: A или B.", "الإجابة هي A أو B.", "उत्तर A या B है।", "উত্তর A বা B।",
    "คำตอบคือ A หรือ B", "Jibu ni A au B.", "సమాధానం A లేదా B.", "Đáp án là A hoặc B.", "Jawabannya adalah A atau B.",
    "Odpowiedź to A lub B.", "Cevap A veya B.", "Η απάντηση είναι A ή B.",
]  # fmt: skip
DENIALS = [
    "The answer is not B.", "The answer isn't B.", "B is wrong.", "B is not the answer.", "not \\boxed{B}",
    "\\boxed{\\text{not B}}", "I don't think the answer is B.", "It is wrong to say that the answer is B.",
    "Suppose the answer is B.", "The expected answer is B.", "The student's answer is B.",
    "You might think that B is correct.", "The answer is B, which is wrong.", "The answer is neither A nor B.",
    "The answer is B. Wait, B is wrong.", "The answer is A. Actually, the answer is not A.",
    "<think>The answer is B.", "B\n<think>hm", "答案不是B。", "选项B错误。", "B不正确。",
    "如果答案是B，那么火星很热。", "答えはBではありません。", "정답은 B가 아닙니다.", "La respuesta no es B.",
    "La réponse n'est pas B.", "Die Antwort ist nicht B.", "A resposta não é B.", "Ответ не B.", "उत्तर B नहीं है।",
    "คำตอบไม่ใช่ B", "Cevap B değil.",
]  # fmt: skip
CONFLICTS = [
    "The answer is (B) Venus.", "B. Jupiter", "B: Venus", "\\boxed{\\text{(B) Venus}}", "The answer is Venus (B).",
    "B\n\n**C**\n\nA",
]  # fmt: skip

SEVERAL = [
    "A, C", "A and C", "AC", "C, A", "A & C", "(A), (C)", "A C", "A\nC", "A. Venus\nC. Jupiter", "**A** and **C**",
    "\\boxed{A, C}", "\\boxed{A} and \\boxed{C}", "\\boxed{\\text{A and C}}",
    "The correct answers are **A** and **C**.", "Options A and C are correct.",
    "The correct answers are:\n- (A) Venus\n- (C) Jupiter", "Answer: (A) Venus and (C) Jupiter",
    '{"answer": ["A", "C"]}', "答案是A和C。", "答案：A、C", "正解はAとCです。", "정답은 A와 C입니다.",
    "Las respuestas correctas son A y C.", "Правильные ответы: A и C.",
]  # fmt: skip
OTHERS = [
    ("B", SHAPES, "A triangle", "pass"), ("A", SHAPES, "A triangle", "fail"),
    ("B", SHAPES, "The answer is a triangle.", "pass"), ("A", SHAPES, "Answer: A square", "pass"),
    ("A", SHAPES, "A. A square", "pass"), ("A", SHAPES, "A triangle has three sides.", "fail"),
    ("A", "", "A triangle has three sides.", "fail"), ("I", "", "I think that this is hard.", "fail"),
    ("I", "", "The answer is (I).", "pass"), ("A", "", "The answer is a.", "pass"), ("A", "", "B) 15", "fail"),
    ("B", "", "B) 15", "pass"), ("B", "", "Bob", "fail"), ("B", NUMBERS, "15 apples", "pass"),
    ("B", NUMBERS, "15 oranges", "fail"), ("A", NUMBERS, "(A) 15 apples", "fail"),
    ("A", NUMBERS, "The answer is 12.0.", "pass"), ("A", NUMBERS, "1.2", "fail"),
    ("D", NUMBERS, "The answer is none of the above.", "pass"), ("B", MATHS, "The answer is $\\frac12$.", "pass"),
    ("B", MATHS, "\\boxed{0.5}", "pass"), ("A", MATHS, "A) $\\frac12$", "fail"), ("D", MATHS, "$x>2$", "pass"),
    ("D", MATHS, "\\boxed{x \\ge 2}", "fail"), ("E", MATHS, "The answer is -1.", "pass"),
    ("F", MATHS, "\\boxed{\\$5.50}", "pass"), ("F", MATHS, "The answer is $5.50.", "pass"),
    ("F", MATHS, "$55.0", "fail"), ("A", json.dumps(["x", "x", "y"]), "x", "fail"),
    ("C", json.dumps(["x", "x", "y"]), "y", "pass"), ("A", json.dumps(["2^{x+1}", "3"]), "\\boxed{2^x+1}", "fail"),
    ("A", json.dumps(["Yes", "No"]), "No, the answer is A.", "pass"),
    ("B", json.dumps(["Yes", "No"]), "The answer is no.", "pass"),
    ("B", json.dumps(["A", "C", "B"]), "The answer is B", "pass"),
    ("C", json.dumps(["A型血", "O型血", "B型血"]), "答案是B型血。", "pass"),
    ("B", json.dumps(["A. Venus", "B. Mars"]), "Mars", "pass"),
    ("A", json.dumps(["A. Einstein", "M. Planck"]), "A. Einstein", "pass"),
    ("B", json.dumps({"a": "Venus", "b": "Mars"}), "Mars", "pass"),
    ("B", json.dumps({"options": {"text": ["Venus", "Mars"], "label": ["A", "B"]}}), "Mars", "pass"),
    ("B", "{not json", "(B)", "pass"), ("B", '{"options": null}', "B", "pass"), ("(B)", PLANETS, "B", "pass"),
    ("b", "", "B", "pass"), ("B) Mars", PLANETS, "B", "pass"), ("Mars", PLANETS, "B", "pass"),
    ("CA", "", "A and C", "pass"), ("A and C", PLANETS, "A, C", "pass"), ("A,C", PLANETS, "A", "fail"),
    ("A,C", PLANETS, "A, B, C", "fail"), ("A,C", PLANETS, "A or C", "fail"),
    ("twelve", "", "B", "unknown"),
    ("2", '["1", "2"]', "B", "unknown"), ("A square", "", "A", "unknown"), ("A or B", "", "A", "unknown"),
    ("", "", "B", "unknown"),
    ("C", "", "The answer is C.\n\nA is correct that it is hot.\nB is correct too.", "pass"),
    ("A", "", "A is correct. B is correct.", "fail"), ("B", "", "The answer is B." + " It is." * HEAD * TAIL, "pass"),
    ("B", "", "It is. " * HEAD * TAIL + "The answer is B.", "pass"),
]  # fmt: skip
REPEATED = [
    "answer is B or ", "A, ", "\\boxed{", "\\boxed{B} or ", "<answer>", '"answer": "', "\\text{", "is not ", "B. ",
    "B?\n", "答案是", "选", "정답", "(", "{", "*", "_", "#", "$", "\ud800", "ﷺ",
]  # fmt: skip
HOSTILE = [
    "correct " * 50_000, "final " * 50_000, " " * 100_000 + "x", "The answer is" + " " * 50_000, "\n" * 100_000 + "x",
    "\n \n" * 50_000,
    *((some * 500_000)[:500_000] for some in REPEATED),
]  # fmt: skip


@pytest.mark.parametrize("answer", FORMS + [PROSE + one for one in STATED] + LANGUAGES + CORRECTED + LINES)
def test_names_one_option(answer: str) -> None:
    outcomes = {letter: verify_choice(letter, PLANETS, answer).outcome for letter in "ABCD"}
    assert outcomes == {"A": "fail", "B": "pass", "C": "fail", "D": "fail"}


@pytest.mark.parametrize("letter", ["A", "E", "I"])
def test_letters_that_are_words_too(letter: str) -> None:
    answers = [one.replace("B", letter) for one in LANGUAGES if len(re.findall("[A-D]", one)) == 1]
    assert [one for one in answers if verify_choice(letter, "", one).outcome != "pass"] == []


@pytest.mark.parametrize("reference", ["", "twelve"])
def test_without_a_readable_reference_the_letters_can_still_vote(reference: str) -> None:
    details = [verify_choice(reference, PLANETS, answer).extracted for answer in ("The answer is B.", "Mars", "(C)")]
    assert details == ["B", "B", "C"]


@pytest.mark.parametrize("answer", PROSE_ONLY + HEDGES + DENIALS + CONFLICTS)
def test_names_no_option(answer: str) -> None:
    assert {verify_choice(letter, PLANETS, answer).outcome for letter in "ABCD"} == {"fail"}


@pytest.mark.parametrize("answer", SEVERAL)
def test_names_several(answer: str) -> None:
    assert verify_choice("A,C", PLANETS, answer).outcome == "pass"
    assert {verify_choice(other, PLANETS, answer).outcome for other in ("A", "C", "A,B", "A,B,C")} == {"fail"}


@pytest.mark.parametrize(("reference", "extra", "answer", "outcome"), OTHERS)
def test_options_and_references(reference: str, extra: str, answer: str, outcome: str) -> None:
    verdict = verify_choice(reference, extra, answer)
    assert verdict.outcome == outcome, verdict


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_end_soon_and_name_nothing(answer: str) -> None:
    assert verify_choice("B", PLANETS, answer).outcome == "fail"


def test_reasons() -> None:
    assert verify_choice("B", PLANETS, "C").reason == "wrong_answer"
    assert verify_choice("B", PLANETS, "Pluto").reason == "no_answer"
    assert verify_choice("Pluto", PLANETS, "B").reason == "unverifiable"
    assert verify_choice("B,A", PLANETS, "A and B").extracted == "AB"


@pytest.mark.parametrize(("reference", "answer", "options", "accepted"), FURTHER_CHOICES)
def test_further(reference: str, answer: str, options: dict[str, str], accepted: bool) -> None:
    extra = json.dumps(options) if options else ""
    assert (verify_choice(reference, extra, answer).outcome == "pass") is accepted


BOXES = ["\\boxed{{{}}}", "\\boxed{{\\text{{{}}}}}", "<answer>{}</answer>", '{{"answer": "{}"}}']
TEXTS = ("3 m/s", "12 J", "Vitamin C", "I and II only", "3/4")
HEDGES = ("B. or C 5", "B/C", "B. C", "B: 4, C: 5", "B. maybe C", "B) 5 kg C) 6 kg", "B. not C, D", "B. wrong, so C")


@pytest.mark.parametrize("form", BOXES)
def test_the_text_of_a_letter_in_a_box_where_the_options_are_not_known(form: str) -> None:
    for text in [f"B{mark} {text}" for mark in (".", ")", ":") for text in TEXTS]:
        answer = f"So:\n\n{form.format(text)}"
        assert [it for it in "ABCD" if verify_choice(it, "", answer).outcome == "pass"] == ["B"], text
    for hedge in HEDGES:
        assert verify_choice("B", "", f"So:\n\n{form.format(hedge)}").outcome == "fail", hedge

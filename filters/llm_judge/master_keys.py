"""Answers without content that make LLM judges say yes, whatever was asked.

"One Token to Fool LLM-as-a-Judge" (arXiv 2507.08794) calls them master keys: `:`, `.`, "Thought process:", "Let's solve
this problem step by step.", "Solution", and the word for it in other languages; the best closed judges accept them too.
The paper's own are listed first, then others of their kind.
"""

import re
import unicodedata

from filters.llm_judge.folding import skeleton

FROM_THE_PAPER = (
    *(" ", ".", ",", ":"),
    "Thought process:",
    "Let's solve this problem step by step.",
    *("Solution", "解", "かいせつ", "Respuesta"),
)
OPENERS = (
    *("Let's think", "Let's think step by step.", "Let us think", "Let me think", "Let me solve this", "Step by step"),
    *("Let's solve it", "Let's solve this problem", "Let's break it down", "Let's work through this", "Let's begin"),
    *("Thinking process", "Thought", "Reasoning", "Reasoning process", "Explanation", "Analysis", "Approach", "Proof"),
    *("Answer", "Final answer", "The answer is", "The final answer is", "The solution is", "Response", "Result"),
    *("Here is the solution", "Here's the solution", "Here is the answer", "Okay", "Ok", "Sure", "Alright", "First"),
    *("To solve this problem", "To solve the problem", "We need to", "Conclusion", "Therefore", "Done", "Verdict"),
    *("思考过程", "思考過程", "让我们一步一步解决这个问题", "让我们一步步解决这个问题"),
    *("让我们一步一步思考", "让我们一步步思考", "让我们思考"),
    *("解答", "解析", "解题过程", "答案", "最终答案", "答", "解説", "回答", "答え"),
    *("ステップバイステップで解きましょう", "ステップバイステップで考えましょう"),
    *("この問題を段階的に解きましょう", "考えてみましょう", "풀이", "해설", "정답", "답"),
    *("사고 과정", "이 문제를 단계별로 풀어봅시다", "단계별로 생각해 봅시다", "생각해 봅시다"),
    *("Solución", "Proceso de pensamiento", "Resolvamos este problema paso a paso", "Pensemos", "Pensemos paso a paso"),
    *("Réponse", "Processus de réflexion", "Résolvons ce problème étape par étape", "Réfléchissons"),
    *("Lösung", "Antwort", "Gedankengang", "Lösen wir dieses Problem Schritt für Schritt", "Denken wir nach"),
    *("Solução", "Resposta", "Processo de pensamento", "Vamos resolver este problema passo a passo", "Vamos pensar"),
    *("Soluzione", "Risposta", "Processo di pensiero", "Risolviamo questo problema passo dopo passo", "Pensiamo"),
    *("Решение", "Ответ", "Ход мыслей", "Давайте решим эту задачу шаг за шагом", "Давайте подумаем"),
    *("الحل", "الجواب", "الإجابة", "لنحل هذه المسألة خطوة بخطوة", "لنفكر", "हल", "उत्तर", "आइए सोचें"),
    *("Çözüm", "Cevap", "Düşünelim", "Lời giải", "Đáp án", "Hãy suy nghĩ", "Rozwiązanie", "Odpowiedź", "Oplossing"),
    *("Løsning", "Lösning", "Svar", "Ratkaisu", "Vastaus", "Λύση", "Απάντηση", "פתרון", "תשובה", "समाधान", "সমাধান"),
    *("উত্তর", "การแก้ปัญหา", "วิธีทำ", "คำตอบ", "Penyelesaian", "Jawaban", "Řešení", "Odpověď", "Megoldás", "Válasz"),
    *("Soluție", "Răspuns", "Рішення", "Відповідь", "证明", "證明", "解决方案", "解法", "解き方", "해결"),
    *("Jibu", "Suluhisho"),
    *("Q.E.D", "QED", "Solved", "I have solved it", "I will solve it", "See above", "As shown above", "Trivial"),
    *("It is obvious", "Let me think about this problem", "Let us now think about it", "Let's analyze the problem"),
    *("The answer", "The correct answer", "The right value", "The answer is as above", "My answer is correct"),
)
FURTHER = """
Okay, so|Alright, let's see|So|Hmm|Let me see|Let's go|Let's start|Let's dive in|Here we go|To begin|Working|Steps
Calculation|Calculations|Computation|Derivation|Working out|Workings|Detailed solution|Complete solution
Full solution|Solution process|Solving|Solve|Problem|Question|Results|Summary|In conclusion|In summary|To conclude
Finally|Hence|Thus|So the answer is|The answer is given by|The result is|The value is|The final result is
Final result|Answer is|Ans|Sol|Soln|Correct answer|Here you go|As follows|See below|Obviously|Clearly|It follows
It is clear|By inspection|By symmetry|We are done|And we are done|as desired|as required|as needed|TODO|TBD
by definition|as expected|第一步|首先|好的|所以|因此|答案是|答案为|最终答案是|解答过程|详细解答|分析|思路
思考|结论|まず|では|したがって|答えは|それでは|따라서|정답은|먼저|결론
Por lo tanto|La respuesta es|Respuesta final|Primero|Donc|La réponse est|Réponse finale|D'abord|Die Antwort ist|Also
Zuerst|Lösungsweg|A resposta é|Portanto|La risposta è|Quindi|Итак|Следовательно|Пояснение|Ответ такой|الإجابة هي|إذن
उत्तर है|अतः|Đáp án là|Jawabannya adalah|Het antwoord is|Svaret är|Vastaus on|Cevap şudur|Odpowiedź to
"""
"""More openers in the languages of published problems; each stands alone, `|` or a line end apart."""
MASTER_KEYS = (*FROM_THE_PAPER, *OPENERS, *FURTHER.replace("\n", "|").strip("|").split("|"))

# `\boxed{}`, `\text{}`, `\textbf`: they hold an answer and are none; nor are dots and the mark that ends a proof.
# `\infty`, `\emptyset` are answers.
WRAPPER = re.compile(
    r"\\(?:boxed|fbox|text\w{0,8}|mathrm|mathbf|quad|qquad|begin|end|left|right|displaystyle|hfill|newline|therefore"
    r"|[lc]?dots|cdot|underline|hspace\{[^{}]{0,40}\}|(?:black)?square|checkmark|qed|[hv]?phantom\{[^{}]{0,40}\})(?![a-z])"
)
# "Step 1:"
STEP = re.compile(r"\bstep \d{1,3}\b")
EMPTY_SYMBOLS = set("$+<=>^`|~→⇒⟹∴∵⋯∶")
"""Mathematical symbols that are no more of an answer than a full stop."""


def key_pattern() -> re.Pattern[str]:
    """Return a pattern of all keys with letters, the longest first."""
    bare = {skeleton(key).strip(" .:,") for key in MASTER_KEYS} - {""}
    return re.compile("|".join(re.escape(key) for key in sorted(bare, key=len, reverse=True)))


KEY = key_pattern()


def has_content(answer: str) -> bool:
    """Return False if an answer consists of master keys, punctuation and LaTeX wrappers alone, however they are
    disguised: no judge is to see it. Linear in the answer's length."""
    rest = STEP.sub(" ", KEY.sub(" ", WRAPPER.sub(" ", skeleton(answer))))
    return any(is_content(char) for char in rest)


def is_content(char: str) -> bool:
    """Return True for a letter, a digit, and a sign of mathematics or of a currency. Ticks, emoji, boxes, modifiers
    such as `ː` and marks of layout say nothing by themselves."""
    category = unicodedata.category(char)
    if category[0] == "S":
        return category in ("Sm", "Sc") and char not in EMPTY_SYMBOLS
    return category[0] in "LN" and category != "Lm"

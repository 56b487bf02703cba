"""Answers without content that make LLM judges say yes, whatever was asked.

"One Token to Fool LLM-as-a-Judge" (arXiv 2507.08794) calls them master keys: `:`, `.`, "Thought process:", "Let's solve
this problem step by step.", "Solution", and the word for it in other languages; the best closed judges accept them too.
The paper's own are listed first, then others of their kind.
"""

import re
import unicodedata

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
)
MASTER_KEYS = (*FROM_THE_PAPER, *OPENERS)

# `\boxed{}`, `\text{}`, `\textbf`: they hold an answer and are none. `\infty`, `\emptyset` are answers.
WRAPPER = re.compile(r"\\(?:boxed|fbox|text\w{0,8}|mathrm|mathbf|quad|qquad|begin|end)(?![a-z])")
SIGNS = "LNS"
"""Initials of the Unicode categories of letters, numbers and symbols."""
ASCII_SYMBOLS = set("$+<=>^`|~")
"""Symbols that are no more of an answer than a full stop."""


def folded(text: str) -> str:
    """Return the text as far as keys and addresses are compared: in one width and case, without invisible characters,
    with straight apostrophes and single blanks."""
    text = unicodedata.normalize("NFKC", text).casefold()
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(shown.replace("’", "'").replace("‘", "'").split())


def key_pattern() -> re.Pattern[str]:
    """Return a pattern of all keys with letters, the longest first."""
    bare = {folded(key).strip(" .:,") for key in MASTER_KEYS} - {""}
    return re.compile("|".join(re.escape(key) for key in sorted(bare, key=len, reverse=True)))


KEY = key_pattern()


def has_content(answer: str) -> bool:
    """Return False if an answer consists of master keys, punctuation and LaTeX wrappers alone: no judge is to see it.
    Linear in the answer's length."""
    rest = KEY.sub(" ", WRAPPER.sub(" ", folded(answer)))
    return any(unicodedata.category(char)[0] in SIGNS and char not in ASCII_SYMBOLS for char in rest)

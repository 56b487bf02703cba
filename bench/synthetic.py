"""Generates any number of synthetic traces, deterministic and streamed, with realistic lengths, outcomes and answers.

One row (the columns are `prompt`, `reference`, `completion` and `source`; a problem has TRACES_PER_PROBLEM rows):

    {"prompt": "Nadia has 83 tins …", "reference": "\\frac{7}{12}", "source": "s3",
     "completion": "<think>\nFirst take 71 pages away from 342 beads. …\n</think>\n\nSo it is \\boxed{\\frac{7}{12}}."}
"""

from collections.abc import Iterator
from math import exp
from random import Random

from records.thinking import join_reasoning

TRACES_PER_PROBLEM = 4
SOURCES = 8
TOKENS_PER_SENTENCE = 17.0
"""Tokens of a sentence at four characters a token; the sentences below have 68 characters on average."""
SPREAD = 0.7
"""Sigma of the log-normal lengths; the mean is exp(sigma^2 / 2) = 1.28 times the median."""
LONGEST = 12
"""No trace is longer than this many times the median."""
PASS_RATES = (0.9, 0.6)
"""Beta distribution of the problems' pass rates: many easy ones and a hard tail. Its mean is 0.6."""
FAULTS = {"wrong": 60, "cut_off": 20, "unboxed": 8, "two_boxes": 4, "loop": 5, "refused": 3}
"""Faults of the traces that are not right, with their shares in percent."""

VERBS = ("take", "move", "count", "check", "write", "bring", "carry", "compare", "double", "halve", "split", "keep")
THINGS = ("apples", "pages", "beads", "tiles", "coins", "steps", "litres", "tickets", "marbles", "stones", "shells")
NAMES = ("Nadia", "Omar", "Lena", "Tariq", "Ines", "Pavel", "Sofia", "Hugo", "Mina", "Jonas", "Aisha", "Leo")
OPENINGS = ("First", "Then", "Next", "Now", "After that", "So", "Again", "Because of this", "In the same way", "Here")


def rows(count: int, median_tokens: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """Yield `count` rows, problem by problem. The first k rows are the same for any count."""
    pool = sentences(seed)
    for index in range(count):
        problem, sample = divmod(index, TRACES_PER_PROBLEM)
        if sample == 0:
            rng = Random(f"{seed}:{problem}")
            prompt, (reference, spelling), rate = prompt_of(rng, problem), answer_of(rng), rng.betavariate(*PASS_RATES)
        completion = completion_of(rng, pool, rate, reference, spelling, median_tokens)
        yield {
            "prompt": prompt,
            "reference": reference,
            "completion": completion,
            "source": f"s{problem % SOURCES}",
        }


def sentences(seed: int) -> list[str]:
    rng = Random(f"{seed}:sentences")
    return [
        f"{rng.choice(OPENINGS)} {rng.choice(VERBS)} {rng.randint(2, 999)} {rng.choice(THINGS)} from the "
        f"{rng.randint(2, 999)} {rng.choice(THINGS)} that {rng.choice(NAMES)} had."
        for _ in range(20_000)
    ]


def prompt_of(rng: Random, problem: int) -> str:
    """Return a prompt that no other problem has."""
    one, other = rng.choice(NAMES), rng.choice(NAMES)
    share = f"What share of all does {other} hold?"
    return (
        f"{one} has {rng.randint(2, 999)} {rng.choice(THINGS)} in box number {problem} and gives {rng.randint(2, 99)} "
        f"of them to {other}, who had {rng.randint(2, 999)} {rng.choice(THINGS)} before. {share}"
    )


def answer_of(rng: Random) -> tuple[str, str]:
    """Return a reference, and the form in which a right completion writes it, which may differ."""
    a, b = rng.randint(2, 40), rng.randint(2, 20)
    forms = (
        (f"{a * b}", f"{a * b}"),
        (f"{1000 * a + b}", f"{a},{b:03}"),
        (f"\\frac{{{a}}}{{{b}}}", f"{a}/{b}"),
        (f"{a}.5", f"\\frac{{{2 * a + 1}}}{{2}}"),
        (f"{a}\\sqrt{{{b}}}", f"{a}\\sqrt{{{b}}}"),
        (f"({a}, {b})", f"({a}, {b})"),
        (f"[{a}, {a + b}]", f"[{a},{a + b}]"),
        (f"{a}x + {b}", f"{b} + {a}x"),
    )
    return rng.choices(forms, weights=(50, 5, 15, 8, 8, 6, 4, 4))[0]


def completion_of(rng: Random, pool: list[str], rate: float, reference: str, spelling: str, median_tokens: int) -> str:
    factor = min(exp(rng.gauss(0, SPREAD)), LONGEST)
    steps = rng.choices(pool, k=max(1, round(median_tokens * factor / TOKENS_PER_SENTENCE)))
    outcome = "right" if rng.random() < rate else rng.choices([*FAULTS], weights=[*FAULTS.values()])[0]
    answer = f"\\boxed{{{spelling}}}"
    if outcome == "loop":
        steps += [pool[rng.randrange(len(pool))]] * 40
    reasoning = " ".join(steps)
    if outcome == "cut_off":
        return join_reasoning(reasoning, "", closed=False)
    says = {
        "right": f"So the share is {answer}.",
        "loop": f"So the share is {answer}.",
        "wrong": f"So the share is \\boxed{{{rng.randint(1000, 9999)}}}.",
        "unboxed": f"So the share is {spelling}.",
        "two_boxes": f"It is \\boxed{{{rng.randint(2, 99)}}} or {answer}.",
        "refused": "I'm sorry, but I cannot help with that request.",
    }[outcome]
    return join_reasoning(reasoning, says)

"""How the fake draws step by step, for searches: lines that say of themselves whether they are right.

    <think>
    Step 1 is right, way 3071.

    Step 2 is wrong, way 5.

    </think>

    \\boxed{7193042}

The answer is the reference if no step is wrong. A scorer of tests reads the words, as one reads a model's mistakes."""

import random
import re

from configs.teachers import Fake
from records.requests import PAUSED, Request
from records.rows import CUT_OFF, FINISHED
from records.thinking import CLOSE, FORMATS

THINK = FORMATS["think"]
END = "\n\n"
LINE = "Step {number} is {quality}, way {way}." + END
WRONG = " is wrong,"
WORD = re.compile(r"\s*\S+\s*")


def draws_steps(request: Request) -> bool:
    """Return True if a request asks for one step, or continues some."""
    return bool(request.stop) or "Step 1 is " in request.prefix


def draw_steps(request: Request, config: Fake, draw: random.Random) -> tuple[str, str, int]:
    """Return the whole completion, its finish_reason, and the words drawn."""
    begun = request.prefix or THINK.opening
    lines = random.Random(f"{request.problem.id} lines").randint(2, 4)
    drawn = ""
    reason = FINISHED
    while reason == FINISHED:
        text = begun + drawn
        number = text.count("Step ") + 1
        if CLOSE not in text and number <= lines:
            quality = "right" if draw.random() < config.accuracy else "wrong"
            drawn += LINE.format(number=number, quality=quality, way=draw.randint(1, 9999))
            reason = PAUSED if END in request.stop else FINISHED
            continue
        if CLOSE not in text and draw.random() < config.unclosed:
            drawn += "step " * request.settings.max_tokens  # it rambles until it is cut off
            break
        answer = f"{draw.randint(10**6, 10**7)}" if WRONG in text else request.problem.reference
        drawn += f"{CLOSE}{END}\\boxed{{{answer}}}"
        break
    words = WORD.findall(drawn)
    most = request.settings.max_tokens
    if len(words) > most or (reason == FINISHED and CLOSE not in begun + drawn):
        return begun + "".join(words[:most]), CUT_OFF, min(len(words), most)
    return begun + drawn, reason, len(words)

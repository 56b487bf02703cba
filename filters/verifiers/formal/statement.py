"""Reads a problem's formal statement: SMT-LIB 2 text of declarations and assertions, and what is asked of it.

{"formal": "(declare-const x Int) (declare-const y Int) (assert (= (+ x y) 12)) (assert (= (- x y) 4))",
 "unknowns": ["x", "y"], "asks": "value"}
"""

import json
import re
from dataclasses import dataclass
from typing import Any

ASKS = ("value", "example", "claim")
COMMANDS = {
    *("declare-const", "declare-fun", "declare-sort", "declare-datatype", "declare-datatypes", "define-sort"),
    *("define-fun", "define-const", "assert", "set-logic"),
}
"""What a statement may consist of. z3 also takes commands that open files and print; none of them is passed on."""
LONGEST, DEEPEST = 200_000, 200
"""Characters, and brackets inside each other, of a statement. z3's reader is recursive."""
# (assert (! (= |a name| "a ""text""") :named n)) ; a comment; #x1F and #b101 are numbers
TOKEN = re.compile(
    r';[^\n]*|"(?:[^"\0]|"")*"|\|[^|\\\0]*\||[()]|#x[0-9A-Fa-f]+|#b[01]+|:?[A-Za-z0-9~!@$%^&*_+=<>.?/-]+'
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BadStatement(ValueError):
    """The problem's formal statement is of no use; the message says why."""


@dataclass(frozen=True)
class Statement:
    """A problem's formal statement. Made from `Evidence.extra`; read by `decide`."""

    text: str
    """Declarations and assertions in SMT-LIB 2, written anew from the tokens that were checked."""
    asks: str
    """`value`: the values that the unknowns must have. `example`: any values that fit. `claim`: whether `claim`
    follows."""
    unknowns: tuple[str, ...] = ()
    """Names of declared constants of sort Int, Real or Bool, in the order of a bare list of values."""
    claim: str = ""
    """A formula in the statement's terms."""


def read_statement(extra: str) -> Statement:
    """Read the statement in a problem's extra data. Errors: BadStatement."""
    given: Any = json.loads(extra)
    if not isinstance(given, dict) or not isinstance(given.get("formal"), str):
        raise BadStatement("extra holds no text `formal`")
    asks, unknowns, claim = given.get("asks", "value"), given.get("unknowns", []), given.get("claim", "")
    if asks not in ASKS:
        raise BadStatement(f"asks: must be one of {', '.join(ASKS)}")
    text = plain_commands(given["formal"])
    if asks == "claim":
        if not isinstance(claim, str) or not claim.strip():
            raise BadStatement("claim: must be a formula")
        claim = plain_commands(f"(assert {claim})", most=1).removeprefix("( assert ").removesuffix(" )")
    names = unknowns.split(",") if isinstance(unknowns, str) else unknowns
    if asks != "claim" and not are_names(names):
        raise BadStatement("unknowns: must be a list of plain names")
    ordered = tuple(name.strip() for name in names) if asks != "claim" else ()
    return Statement(text, asks, ordered, str(claim))


def are_names(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(NAME.fullmatch(str(name).strip()) for name in given)


def plain_commands(text: str, most: int | None = None) -> str:
    """Return the commands of a text, `most` of them, as their tokens with a blank between each.

    What z3 reads is written anew, because it reads more than SMT-LIB 2: `#| a comment |#` is three tokens here and none
    there, and so could hide a command. Errors: BadStatement for anything but allowed commands.
    """
    if len(text) > LONGEST:
        raise BadStatement(f"longer than {LONGEST:,} characters")
    depth = count = at = 0
    starts = False
    tokens: list[str] = []
    for match in TOKEN.finditer(text):
        if text[at : match.start()].strip():
            break
        at, token = match.end(), match.group()
        if token.startswith(";"):
            continue
        tokens.append(token)
        if starts and token not in COMMANDS:
            raise BadStatement(f"{token[:40]}: not among the commands {', '.join(sorted(COMMANDS))}")
        starts = token == "(" and depth == 0
        depth += (token == "(") - (token == ")")
        count += starts
        if depth < 0 or depth > DEEPEST or (depth == 0 and token != ")"):
            break
    if text[at:].strip() or depth or starts:
        raise BadStatement("brackets do not match, or a text stands outside of them")
    if most is not None and count > most:
        raise BadStatement("claim: must be one formula")
    return " ".join(tokens)

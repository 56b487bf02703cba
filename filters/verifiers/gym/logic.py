"""Checks of reasoning-gym's logic tasks on a model of the puzzle, in place of the entry's own answer."""

import re
from typing import Any

Entry = dict[str, Any]
# "Anna is a knight, and Bob is a knave"
WORD = re.compile(r"[^\W_]+")
# "~(Anna is a knight)"
DENIAL = re.compile("[~¬!]")
LINKING = {"is", "a", "an", "and", "the"}
# knights_knaves: ["and", ["lying", 0], ["->", ["telling-truth", 1], ["not", ["lying", 2]]]]
DEEPEST = 50
SPELLINGS = {
    **dict.fromkeys(("∧", "&", "&&", r"\land", r"\wedge", "AND"), "and"),
    **dict.fromkeys(("∨", "|", "||", r"\lor", r"\vee", "OR"), "or"),
    **dict.fromkeys(("→", "->", "=>", r"\to", r"\rightarrow", r"\implies", r"\Rightarrow", "IMPLIES"), "implies"),
    **dict.fromkeys(("↔", "<->", "<=>", r"\leftrightarrow", r"\iff", r"\Leftrightarrow", "IFF"), "iff"),
    **dict.fromkeys(("¬", "~", "!", r"\neg", r"\lnot", "NOT"), "not"),
}
"""How answers write a connective, by its name here."""
TOKEN = re.compile(r"\\[A-Za-z]+|<->|<=>|->|=>|&&|\|\||[()∧∨→↔¬&|~!]|[A-Za-z]+")
LONGEST = 1000
BINDS = (("iff",), ("implies",), ("or",), ("and",))
"""Connectives from the loosest to the tightest."""


class NotAFormula(ValueError):
    """The text is no formula of propositional logic."""


def fits_statements(answer: str, entry: Entry) -> bool:
    """knights_knaves: the answer gives everybody one role, and the roles fit what everybody said. The scorer skips
    words that it does not know, so it takes "Anna is a knight or Bob is a knave" for both.

    Errors: KeyError or TypeError for an entry without statements.
    """
    metadata = entry["metadata"]
    names, terms = [name.casefold() for name in metadata["names"]], metadata["knight_knave_terms"]
    roles = {terms["knight"].casefold(): True, terms["knave"].casefold(): False}
    words = [word for word in WORD.findall(answer.casefold()) if word not in LINKING]
    said = list(zip(words[::2], words[1::2], strict=False))
    everybody_once = len(words) == 2 * len(names) and {name for name, _ in said} == set(names)
    if DENIAL.search(answer) or not everybody_once or any(role not in roles for _, role in said):
        return False
    import z3

    honest = [z3.Bool(f"p{at}") for at in range(len(names))]
    solver = z3.Solver()
    solver.add([honest[at] == formula(statement, honest) for at, statement in enumerate(metadata["statements"])])
    claimed = dict(said)
    solver.add([honest[at] == z3.BoolVal(roles[claimed[name]]) for at, name in enumerate(names)])
    return bool(solver.check() == z3.sat)


def formula(statement: Any, honest: list[Any], depth: int = 0) -> Any:
    """Return what somebody said as z3's formula. Errors: TypeError for a statement of another form."""
    import z3

    if depth > DEEPEST or not isinstance(statement, list | tuple) or not statement:
        raise TypeError("not a statement")
    head, *rest = statement
    if head in ("telling-truth", "lying"):
        return honest[rest[0]] if head == "telling-truth" else z3.Not(honest[rest[0]])
    parts = [formula(part, honest, depth + 1) for part in rest]
    if head == "not":
        return z3.Not(parts[0])
    if head in ("and", "or"):
        return (z3.And if head == "and" else z3.Or)(parts)
    if head in ("->", "<=>") and len(parts) == 2:
        return z3.Implies(*parts) if head == "->" else parts[0] == parts[1]
    raise TypeError(f"no such connective: {head}")


def follows(answer: str, entry: Entry) -> bool:
    """propositional_logic: the answer follows from the premises, is none of them, and is more than a variable or a
    formula that always holds, for which the scorer gives a quarter of the marks. The scorer takes a premise, restated,
    and reads one notation only.

    Errors: KeyError for an entry without premises.
    """
    import z3

    variables = {name: z3.Bool(name) for name in entry["metadata"]["variables"]}
    premises = [parsed(premise, variables) for premise in entry["metadata"]["premises"]]
    try:
        conclusion = parsed(answer, variables)
    except NotAFormula:
        return False
    if z3.is_const(conclusion) or any(conclusion.eq(premise) for premise in premises):
        return False
    return cannot_hold([z3.Not(conclusion), *premises]) and not cannot_hold([z3.Not(conclusion)])


def cannot_hold(formulas: list[Any]) -> bool:
    import z3

    solver = z3.Solver()
    solver.add(formulas)
    return bool(solver.check() == z3.unsat)


def parsed(text: str, variables: dict[str, Any]) -> Any:
    """Return a formula such as `((P ∧ Q) → ¬R)` or `P \\land Q`. Errors: NotAFormula."""
    text = text[:LONGEST].replace("$", " ").replace(r"\left", " ").replace(r"\right", " ").strip().rstrip(".")
    tokens, at = list[str](), 0
    for match in TOKEN.finditer(text):
        if text[at : match.start()].strip():
            raise NotAFormula(text)
        at = match.end()
        tokens.append(SPELLINGS.get(match.group(), match.group()))
    if text[at:].strip():
        raise NotAFormula(text)
    found, end = read(tokens, 0, 0, variables, 0)
    if end != len(tokens):
        raise NotAFormula(text)
    return found


def read(tokens: list[str], at: int, level: int, variables: dict[str, Any], depth: int) -> tuple[Any, int]:
    """Return the formula that begins at a token, whose connectives bind at least as tightly as those of `level`, and
    where it ends. Errors: NotAFormula."""
    import z3

    if depth > DEEPEST * len(BINDS) or at >= len(tokens):
        raise NotAFormula(" ".join(tokens))
    if level < len(BINDS):
        left, at = read(tokens, at, level + 1, variables, depth + 1)
        while at < len(tokens) and tokens[at] in BINDS[level]:
            # `P → Q → R` is `P → (Q → R)`
            right, end = read(tokens, at + 1, level if tokens[at] == "implies" else level + 1, variables, depth + 1)
            joins = {"iff": lambda p, q: p == q, "implies": z3.Implies, "or": z3.Or, "and": z3.And}
            left, at = joins[tokens[at]](left, right), end
        return left, at
    token = tokens[at]
    if token == "not":
        inner, end = read(tokens, at + 1, level, variables, depth + 1)
        return z3.Not(inner), end
    if token == "(":
        inner, end = read(tokens, at + 1, 0, variables, depth + 1)
        if end >= len(tokens) or tokens[end] != ")":
            raise NotAFormula(" ".join(tokens))
        return inner, end + 1
    if token not in variables:
        raise NotAFormula(token)
    return variables[token], at + 1

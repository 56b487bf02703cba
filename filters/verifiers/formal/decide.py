"""Decides with z3 whether values fit a formal statement, and whether a claim follows from it.

z3's work is bounded by its own count of steps (`rlimit`), which is the same on every machine: a verdict does not depend
on how busy one is. The worker's limits of time and memory stand behind it.
"""

from fractions import Fraction
from typing import Any

from filters.verifiers.formal.statement import BadStatement, Statement
from filters.verifiers.formal.values import Value

STEPS = 30_000_000
"""z3's resource limit for one question: some 10 s at most."""
SOON_STEPS, SOON_MS = 3_000_000, 2_000
"""Limits of the question whether a statement that values do not fit contradicts itself. Where z3 cannot tell soon, the
values are wrong all the same: if that were unknown, wrong answers to hard statements would cost nothing."""

BLOCK_DIGITS = 4_000
BLOCK = 10**BLOCK_DIGITS


class GaveUp(Exception):
    """z3 reached its limit, or the statement lies outside of what it can decide."""


def fits(statement: Statement, values: dict[str, Value]) -> bool:
    """Return True if the values fit, and, unless an example is asked for, no others do.

    Errors: BadStatement, for one that nothing fits as well; GaveUp.
    """
    import z3

    solver, declared = loaded(statement)
    if any(name not in declared for name in values):
        raise BadStatement(f"{sorted(set(values) - set(declared))[0]}: not declared")
    given = z3.And([equation(declared[name], value) for name, value in values.items()])
    if not holds(solver, given):
        if surely_contradicts_itself(solver):
            raise BadStatement("its assertions contradict each other")
        return False
    return statement.asks == "example" or not holds(solver, z3.Not(given))


def consequence(statement: Statement) -> str:
    """Return `true` if the claim follows from the statement, `false` if its opposite does, else `open`.

    Errors: BadStatement, for assertions that contradict each other as well; GaveUp.
    """
    import z3

    solver, _ = loaded(statement)
    try:
        claim = z3.And(list(z3.parse_smt2_string(f"{statement.text}\n(assert {statement.claim})"))[-1:])
    except z3.Z3Exception as error:
        raise BadStatement(f"claim: {said(error)}") from None
    can_hold, can_fail = holds(solver, claim), holds(solver, z3.Not(claim))
    if not can_hold and not can_fail:
        raise BadStatement("its assertions contradict each other")
    return "open" if can_hold and can_fail else "true" if can_hold else "false"


def loaded(statement: Statement) -> tuple[Any, dict[str, Any]]:
    """Return a solver with the assertions, and the declared constants of sort Int, Real or Bool by name."""
    import z3

    solver = z3.Solver()
    try:
        solver.from_string(statement.text)
    except z3.Z3Exception as error:
        raise BadStatement(said(error)) from None
    constants: dict[str, Any] = {}
    waiting, seen = list(solver.assertions()), set[int]()
    while waiting:
        term = waiting.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        if z3.is_quantifier(term):
            waiting.append(term.body())
        elif z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            constants[term.decl().name()] = term
        waiting.extend(term.children())
    simple = (z3.Z3_INT_SORT, z3.Z3_REAL_SORT, z3.Z3_BOOL_SORT)
    return solver, {name: term for name, term in constants.items() if term.sort_kind() in simple}


def equation(constant: Any, value: Value) -> Any:
    """Return `constant = value`; a value of another sort fits nothing."""
    import z3

    is_truth = constant.sort_kind() == z3.Z3_BOOL_SORT
    if is_truth != isinstance(value, bool):
        return z3.BoolVal(False)
    if isinstance(value, bool):
        return constant == z3.BoolVal(value)
    number = Fraction(value)
    if constant.sort_kind() == z3.Z3_INT_SORT:
        return constant == z3.IntVal(digits(number.numerator)) if number.denominator == 1 else z3.BoolVal(False)
    return constant == z3.RealVal(f"{digits(number.numerator)}/{digits(number.denominator)}")


def digits(number: int) -> str:
    """Return a number in decimal digits. Python itself refuses those of more than 4,300 (`sys.int_info`)."""
    blocks: list[str] = []
    rest = abs(number)
    while rest >= BLOCK:
        rest, block = divmod(rest, BLOCK)
        blocks.append(f"{block:0{BLOCK_DIGITS}}")
    return ("-" if number < 0 else "") + "".join([str(rest), *reversed(blocks)])


def surely_contradicts_itself(solver: Any) -> bool:
    """Return True if z3 soon finds that nothing fits the assertions."""
    import z3

    solver.set("timeout", SOON_MS)
    try:
        return not holds(solver, z3.BoolVal(True), SOON_STEPS)
    except GaveUp:
        return False


def holds(solver: Any, formula: Any, steps: int = STEPS) -> bool:
    """Return True if the assertions and the formula can hold together. Errors: GaveUp."""
    import z3

    solver.push()
    solver.add(formula)
    solver.set("rlimit", steps)
    found = solver.check()
    why = solver.reason_unknown() if found == z3.unknown else ""
    solver.pop()
    if why:
        raise GaveUp(why)
    return bool(found == z3.sat)


def said(error: Exception) -> str:
    """Return z3's message in a line, `(error "line 1 column 9: unknown constant y")`."""
    return " ".join(str(error).replace("\\n", " ").split())[:200]

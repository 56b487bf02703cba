"""Verifies an answer to a problem that carries a formal statement: logic, constraint puzzles, problems of integers.

The statement decides and not the reference, so every example that fits is right where one is asked for. Sources:
SMT-LIB 2.6 (smt-lib.org); z3 (de Moura and Bjørner, TACAS 2008).
"""

from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.final_answer import final_answer
from filters.verifiers.formal.decide import GaveUp, consequence, fits
from filters.verifiers.formal.statement import BadStatement, Statement, read_statement
from filters.verifiers.formal.values import truth_of, values_of
from records.rows import FORMAL, Verdict

NAME, VERSION = FORMAL, "5"
SHOWN = 200
"""Characters of a detail."""


def full(evidence: Evidence) -> Verdict:
    """Return the verdict on the final answer. It is `unknown` where the statement is bad or z3 cannot decide."""
    extracted = final_answer(evidence.answer)
    try:
        statement = read_statement(evidence.extra)
        if extracted is None:
            return Verdict(NAME, VERSION, FAIL, NO_ANSWER)
        right = is_right(statement, extracted)
    except (BadStatement, GaveUp) as error:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"{type(error).__name__}: {error}"[:SHOWN])
    if right:
        return Verdict(NAME, VERSION, PASS, extracted=extracted)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, extracted=extracted)


def is_right(statement: Statement, extracted: str) -> bool:
    """Errors: BadStatement, GaveUp."""
    if statement.asks == "claim":
        return truth_of(extracted) == consequence(statement)
    values = values_of(extracted, statement.unknowns)
    return values is not None and fits(statement, values)

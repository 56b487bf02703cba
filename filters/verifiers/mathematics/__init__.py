r"""Reads mathematical answers into exact values and shapes, and decides whether two of them are equal.

An answer passes through these files:

1. `latex_text.py` (`tidy`) brings the text to one spelling, with the tables of `spellings.py` and the rewritings of
   `notations.py`: `\dfrac12` and `½` become one.
2. `reading.py` (`shape_of`) finds the answer's shape, one of those in `shapes.py`: a list, a set, a tuple, a matrix, a
   relation or a single value. It asks `relations.py` and `inequalities.py` (with `labels.py`) for `x = 3` and `x > 3`,
   and `quantities.py` for everything else: numbers with units (`units.py`), other notations (`numerals.py`), words
   (`plain_words.py`, `number_words.py`). Each of them may hand a part back to `reading.py`.
3. `expression.py` parses a value's formula: `tokens.py` cuts it into tokens, `atoms.py` reads the smallest parts,
   `vocabulary.py` holds the known names, and `nodes.py` describes the resulting tree.
4. `equivalence.py` (`same_answer`) is the entry point: it reads both sides and `shape_equality.py` compares them.
   Values go to `numeric.py` (units, percent, rounding), intervals to `intervals.py`, times and ratios to `ratios.py`.
5. `value.py` computes a tree, exactly if it is rational, else to 50 digits, with free symbols at fixed points;
   `functions.py` and `exact.py` do the arithmetic and bound it.

The errors in `undecided.py` say which side could not be read or computed.
"""

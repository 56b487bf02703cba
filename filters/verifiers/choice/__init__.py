"""Which option a text chooses, from letters, words and claims.

`text.py` cuts a text into tokens, with the words of `words.py`, and `reading.py` sets it beside its options.
`statements.py` looks for the last statement ("the answer is B") and `hints.py` for claims made after the letter ("B is
correct"); both ask `claims.py` what is claimed at one place, and `remarks.py` whether it is denied, supposed or hedged.
`bare.py` reads a text that is no more than letters or an option's text. The entry is `choice_answer.py` above.
"""

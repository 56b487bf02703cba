"""Reads which option a text chooses, from letters, words and claims.

`text.py` cuts a text into tokens, with the words of `words.py`, and `reading.py` pairs it with the problem's options.
`statements.py` looks for the last statement ("the answer is B") and `hints.py` for claims made after the letter ("B is
correct"). Both ask `claims.py` what is claimed at one token, and `remarks.py` whether the claim is denied, supposed or
hedged. `bare.py` reads a text that consists only of letters or of an option's text. The entry point is
`choice_answer.py`, one folder up.
"""

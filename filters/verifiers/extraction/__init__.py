"""Extracts the final answer from free text.

`final_answer.py` is the entry point and says in which order the forms of an answer are searched. `boxed.py` finds
boxes, `announcements.py` finds sentences such as "the final answer is …" by the words of `answer_phrases.py`, and
`conclusion.py` reads a last sentence that concludes. `statement.py` decides where the answer in such a sentence ends.
"""

"""The final answer of a free text.

`final_answer.py` is the entry and says in which order the places are searched: `boxed.py` finds boxes,
`announcements.py` sentences such as "the final answer is …" by the words of `answer_phrases.py`, and `conclusion.py` a
last sentence that concludes. `statement.py` decides where the answer in such a sentence ends.
"""

"""An LLM judge: a second opinion on traces that the verifiers rejected or could not decide.

    asking.py       which traces it is asked about, and which never reach it
    master_keys.py  answers without content that make judges say yes
    addresses.py    answers that speak to whoever judges them
    quoting.py      quotes a text so that it stays data
    questions.py    writes the questions
    replies.py      reads one reply
    votes.py        makes a verdict of several replies
    agreement.py    how far judge and verifiers agree
    opinions.py     writes the verdicts, and which traces selection may take
    steps.py        numbers steps, and turns the first wrong one into scores
    step_scorer.py  a judge of steps as a scorer

The judge's engine is not here: the flow puts the questions to the sampling loop.
"""

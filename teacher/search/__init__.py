"""Search over steps as a way to draw a trace. This is how one search goes, file by file:

1. `sampler.py`: the sampling loop gives a `SearchSampler` the request of a whole trace, as it would an engine's
   sampler, and gets one completion back. Journals, budgets, judging and second chances are those of
   `teacher.sampling`.
2. `running.py`: each request becomes a `RunningSearch`, which a strategy leads: a generator that yields the `Wish`es
   of its next round, and is resumed when all of them are drawn and scored (`tree.py`). No search waits for another.
3. One file for each strategy, by its kind in `strategies.py`: `best_of_n.py`, `beam.py`, `dvts.py`, `mcts.py`.
4. `expansion.py`: a wish becomes a request that continues a prefix to the end of a step; what comes back, a child.
5. `journal.py` keeps every child and its score, so that an interrupted search goes on where it was.
"""

"""The sampling loop. This is how one trace is drawn, file by file:

1. `stage.py`: `sample_share` takes a SamplingJob and one worker's slot, and returns the counts only that worker knows.
2. `plan.py` resolves the config into a SamplingPlan; `passes.py` turns it into Passes, one for the first pass and one
   for each second chance. A Pass says what is asked, and gives each request the fingerprint that identifies it.
3. `shards.py` divides the problems into shards, each with a journal; `shard_files.py` knows their names; `reuse.py`
   copies the traces that other runs drew for the same requests into the journals.
4. `scheduler.py` chooses the next Draw (`draw.py`). It asks each problem's ProblemState (`problem_state.py`), which
   asks the rule and the tally of `stopping.py` how many draws are sure to be needed.
5. `loop.py` hands the draw's request to the sampler (`records.requests.Sampler`; engines are in `teacher/engines`),
   unless the journal holds its trace or the BudgetMeter (`budget.py`, with the Stopwatch of `stopwatch.py`) says stop.
6. The completion becomes a Drawn (`drawn.py`) and an Entry, and is appended to the journal (`journal.py`) at once,
   with the logprobs that `kept_logprobs.py` lets it keep.
7. If verdicts decide what is drawn next, `judging.py` judges the trace while others are drawn.
8. The problem's state counts it and decides what follows: more draws, draws to cancel, the next pass, or the end.
9. A shard whose problems are done becomes Parquet: `shard_rows.py` says which rows there are, `traces.py` joins each
   Drawn with its Problem to a Trace. Logprobs go to a file beside it, from which `stored_logprobs.py` reads them.
   A pass may continue an earlier one's traces: `continuation.py` says where, and `thinking_budgets.py` makes the passes
   in which stored traces answer again after less or more reasoning.
10. `accounts.py` adds up cost and yield, by the bands of `difficulty.py`; `progress_line.py` shows them meanwhile.

The config's `n` is `Rule.n`. Draws are numbered by their draw index, which is the trace's `sample_index`.
"""

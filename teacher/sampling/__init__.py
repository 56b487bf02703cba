"""The sampling loop. How one trace is drawn, file by file:

1. `stage.py`: `sample_share` takes a SamplingJob and one worker's slot, and returns what that worker knows.
2. `plan.py` resolves the config into a SamplingPlan; `passes.py` makes a Pass of it for the first pass and each second
   chance: what is asked, and the fingerprint by which a request is known again.
3. `shards.py` cuts the problems into shards, each with a journal; `shard_files.py` knows their names; `reuse.py` copies
   what other runs drew of the same requests into the journals.
4. `scheduler.py` says which Draw (`draw.py`) comes next. It asks each problem's ProblemState (`problem_state.py`),
   which asks the rule and the tally of `stopping.py` how many draws are sure to be needed.
5. `loop.py` hands the draw's request to the sampler (`records.requests.Sampler`; engines are in `teacher/engines`),
   unless the journal holds its trace or the BudgetMeter (`budget.py`, with the Stopwatch of `stopwatch.py`) says stop.
6. The completion becomes a Drawn (`drawn.py`) and an Entry, and is appended to the journal (`journal.py`) at once.
7. Where verdicts decide what is drawn next, `judging.py` judges the trace beside the sampling.
8. The problem's state counts it: more draws, needless ones to cancel, the next pass, or the end.
9. A shard whose problems are done becomes Parquet: `traces.py` puts Drawn and Problem together into a Trace.
10. `accounts.py` adds up cost and yield, by the bands of `difficulty.py`; `progress_line.py` shows them meanwhile.

`n` of the config is `Rule.n`; draws are numbered by their draw index, which is the trace's `sample_index`.
"""

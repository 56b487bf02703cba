"""Judges traces during sampling, with a function that the flow passes in."""

from collections.abc import Callable

from records.rows import Trace, Verdict

Judge = Callable[[list[Trace]], list[list[Verdict]]]
"""Returns the verdicts of each trace. It is called from one thread at a time, may take long, and raises an error that
should end the run."""
BATCH = 256
"""Most traces per call, which are as many as one slow trace can hold up."""

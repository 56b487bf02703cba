"""Has EleutherAI's lm-eval measure a benchmark of a run, and compares its verdicts with ours."""

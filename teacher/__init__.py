"""Problem sources, prompts, samplers and the sampling loop."""

"""Wires the stages together: the plan of a run, the Prefect flow that executes it, and the processes of its stages."""

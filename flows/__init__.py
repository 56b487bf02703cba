"""Wires the stages: the plan of a run, the Prefect flow that carries it out, and the processes stages run in."""

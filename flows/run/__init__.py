"""Executes a plan: the Prefect flow, the stages' processes, clusters, progress. No other package imports Prefect."""

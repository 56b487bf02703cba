"""Carries a plan out: the Prefect flow, the processes of stages, clusters, progress. Nothing else knows Prefect."""

"""Writes published checkpoints, and the cards of checkpoints and datasets."""

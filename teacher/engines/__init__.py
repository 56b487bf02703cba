"""Engines that draw completions on this machine, and how a prompt becomes their tokens."""

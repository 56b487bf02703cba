"""Sampling over HTTP: a fleet of OpenAI-compatible servers."""

"""The stages of a run: one file, one stage, with its settings, version, needs and body.

What a body imports is imported inside it, so that planning a run stays light.
"""

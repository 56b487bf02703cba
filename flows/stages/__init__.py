"""The stages of a run, one per file, each with its settings, version, needs and `build` method.

Libraries that building needs are imported inside the method, so that planning a run stays light.
"""

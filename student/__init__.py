"""Renders and checks dataset rows, trains students, makes models from random weights, exports checkpoints."""

"""Presents a run to people: the HTML report, the terminal's tables, the model card's scores."""

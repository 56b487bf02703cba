"""Turns dataset rows into the token ids and labels that the student is trained on."""

"""Reading mathematical answers into exact values and shapes, and deciding whether two of them are equal."""

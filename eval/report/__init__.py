"""What people read of a run: the HTML page, the terminal's tables, the card's scores."""

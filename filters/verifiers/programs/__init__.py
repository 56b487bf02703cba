"""Programs in answers: finding them, running them against unit tests, comparing what they print."""

"""Dataset rows as the token ids and labels that the student trains on."""

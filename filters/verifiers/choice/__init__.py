"""How multiple-choice answers are read: which option a text chooses, from letters, words and claims."""

"""Published checkpoints and datasets, with their cards."""

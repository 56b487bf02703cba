"""What a training stage will cost, from the model's config alone: memory of a GPU, arithmetic, hours."""

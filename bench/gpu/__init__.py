"""What `bench/gpu_training.py` runs: the cases, the random models, the steps."""

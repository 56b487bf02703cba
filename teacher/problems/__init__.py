"""Sources of problems and recorded traces: generators, files and Hugging Face datasets."""

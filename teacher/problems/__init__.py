"""Where problems and recorded traces come from: generators, files and Hugging Face datasets."""

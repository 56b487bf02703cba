"""Dataset rendering and checks, the SFT trainer, models from nothing, export."""

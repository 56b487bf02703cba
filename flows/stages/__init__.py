"""What runs inside each stage's process. Imports are inside, so that planning a run stays light."""

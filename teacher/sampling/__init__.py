"""The sampling loop: requests, journals, shards, when to stop, and what it cost."""

"""Runs untrusted programs in bubblewrap, in a process apart from the tests that examine them."""

"""Runs untrusted programs in bubblewrap, apart from the tests that examine them."""

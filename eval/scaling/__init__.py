"""What more test-time compute is worth: curves over thinking tokens and samples, allocations, cascades."""

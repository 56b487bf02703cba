"""What was accepted and why the rest was not, as counts for manifests and reports."""

"""Makes the small models of the embedded pair from random weights, for machines that cannot download any."""

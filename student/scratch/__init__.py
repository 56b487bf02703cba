"""The embedded pair: small models made from nothing, for machines that can download no weights."""

"""The bulk engine measured beside its peers, and beside the limit that the machine sets. Run `make bench`."""

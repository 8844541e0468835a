"""Selectors: what pages show, read from the library through the lower floors and kept for the edition."""

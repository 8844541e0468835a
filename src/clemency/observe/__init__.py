"""Amnesties watched: what was announced, what the rules give, what was reported, and the people on the lists."""

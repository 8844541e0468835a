"""The Observatory: pages for journalists, researchers and rights groups, made from the library."""

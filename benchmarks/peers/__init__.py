"""The same act answered by others: each peer holds the rules of az-2025 as its users would write them by hand."""

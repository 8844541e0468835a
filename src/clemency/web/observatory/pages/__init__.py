"""Views by area: each reads its values from the address, asks selectors, and shows a template."""

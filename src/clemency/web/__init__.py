"""Pages: what was announced, what the rules give, what was reported, and who was left out.

The same views answer live requests and are written out as a folder of files. Nothing here decides anything: pages show
what the lower floors computed, and each number leads to its source.
"""

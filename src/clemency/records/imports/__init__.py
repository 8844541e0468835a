"""Bringing a register in: files of an office become cases of the record, and nothing is lost on the way.

    files → tables → meaning of columns → values → cases → compared with the register → written whole or not at all

`prepare` does all of it but the last step, which is `write_prepared`. A value that cannot be read puts its case aside
with the reason; what only a person can say is asked before anything is written, and a profile keeps the answer.
"""

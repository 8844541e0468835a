"""What can be wrong in a file that is brought in: a closed list of codes, each with the way to mend it.

A problem puts its row aside. A note lets the row in and says what somebody may want to look at. A question stops the
import before anything is written, because only a person can answer it; the answer goes into the profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clemency.records.quarantine import shown

#: Code, and how to mend what it tells. Where a mend depends on the value, it is told with the problem.
ASIDE: dict[str, str] = {
    "no_case_id": "give the row its case number",
    "total_row": "a line of totals is no case; delete it",
    "header_again": "the heading stands here again; delete the line",
    "numbered_columns": "a line that numbers the columns is no case; delete it",
    "case_id_twice": "keep one row, or give each case its own number",
    "rows_disagree": "the rows of one case have to say the same; mend the one that is wrong",
    "row_repeated": "keep one of the rows; if there were two such offences, write both articles into one cell",
    "offence_without_case": "add the case, or mend the case number",
    "case_aside": "mend the other row; a case is read whole or not at all",
    "wrong_number_of_values": "look for a separator inside a value, and put that value in quotation marks",
    "broken_row": "write the row as one JSON object",
    "lost_digits": "format the column as text and type the number again",
    "null_byte": "remove it",
    "lost_letters": "take the value from the source again, and save the file in UTF-8",
    "spreadsheet_error": "mend the formula, or type the value",
    "unknown_word": "write one of the known words, or add this one to `values` in the profile",
    "no_such_day": "mend the date; a date such as 2025-12-20 is always read",
    "no_date": "write the date as 2025-12-20",
    "two_digit_year": "write the year with four digits, or set `dates: two_digit_years_from` in the profile",
    "other_order": "write the date as 2025-12-20",
    "part_of_a_date": "write the whole date, or leave the cell empty",
    "time_zone": "the day depends on the place; write the day alone",
    "no_number": "write digits",
    "not_whole": "write a whole number",
    "dot_or_thousands": "write the number without a separator of thousands",
    "no_term": "write the term as 3 years 6 months, or in columns of its own",
    "no_article": "write the article as 177.2.3, several with a semicolon between them",
    "article_became_a_date": "the spreadsheet made a date of the article; format the column as text and type it again",
    "article_became_a_number": "the spreadsheet may have cut a nought; format the column as text and type it again",
    "article_in_doubt": "write the article as 177.2.3, several with a semicolon between them",
    "article_range": "write each article of the range, with semicolons between them",
    "other_code": "write the article of this code to which the judgment was fitted, or leave the cell empty",
    "lists_do_not_pair": "write as many values as articles, in their order, with semicolons between them",
    "does_not_fit": "write what docs/record.md says of the field",
}  # fmt: skip

LOOK: dict[str, str] = {
    "article_not_in_code": "look the article up in the file",
    "category_differs": "one of the two is wrong; look the category up in the judgment",
    "ids_look_alike": "letters of two alphabets look the same; see whether these are one case",
    "general_part_left_out": "articles of the General Part are no offences; what was typed is kept",
}

NOTE: dict[str, str] = {
    "time_left_out": "the record holds days; the time of day stands in what was typed",
    "serial_read": "a number was read as a date of the spreadsheet",
    "one_for_all": "the profile says what one value beside several articles means",
}

CODES = {**ASIDE, **LOOK, **NOTE}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing about one value: its code, a plain sentence, and how to mend it."""

    code: str
    what: str
    mend: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"no such code: {self.code}")

    @property
    def remedy(self) -> str:
        """How to mend it: what was said with it, or what its code says."""
        return self.mend or CODES[self.code]


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say about a file, with the lines of a profile that would answer it."""

    code: str
    where: str
    what: str
    answer: str

    def __str__(self) -> str:
        return f"{shown(self.where)}: {shown(self.what)}\n    in the profile: {shown(self.answer)}"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"code": self.code, "where": self.where, "what": self.what, "answer": self.answer}

"""Files to take away: tables in several forms, a database, entities, and the package that describes them all."""

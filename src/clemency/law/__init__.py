"""The ground floor: calendar, offence codes, the rule language and the act. Imports nothing of ours."""

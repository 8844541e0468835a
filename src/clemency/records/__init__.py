"""Case records and registers of them: one person's one sentence, or one pending prosecution, with its offences."""

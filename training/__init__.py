"""Training: courses, completions, certifications, and what they allow and when.

Pure: rules as functions of records and a date. It knows nothing of the database, the web, the
roster's solver or the calendars; where a cost of cover is needed it is passed in as a function.

- `records`: what there is
- `validity`: when a certification counts; issuing and renewing
- `eligibility`: prerequisites and equivalences
- `horizon`, `reminders`, `proposals`: who loses what and when, and what would prevent it
- `hours`: the yearly right to training
- `sheet`: results pasted from a spreadsheet
- `certificate`: certificate numbers
- `placing`: the time of a session that costs least cover
"""

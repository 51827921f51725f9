"""How those who do not watch are told: a log, one line of summary, notifications, metrics.

No cell of the sheet, no message of a provider and no secret is in any of it.
"""

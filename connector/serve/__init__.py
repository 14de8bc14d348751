"""`gallra serve`: shops on their schedule, webhooks received, and who hears of a run."""

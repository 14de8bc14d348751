"""Papers to fill in or sign: schedule, balancing, policy text, agency, incident, yearly control."""

"""Made-up people and what they ordered: seeded, relative to a day."""

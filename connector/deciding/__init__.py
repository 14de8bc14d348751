"""What several stages need below them: the facts of now, what is due, and what must hold before a touch."""

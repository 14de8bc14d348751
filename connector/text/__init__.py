"""How a text is written, compared and shown: pure, knows no record."""

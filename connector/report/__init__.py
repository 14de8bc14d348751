"""A dry run or a protocol as terminal text, HTML, JSON or CSV, in Swedish and English."""

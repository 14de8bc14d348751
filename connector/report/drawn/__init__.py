"""A dry run or a protocol as terminal text, HTML, JSON or CSV, in Swedish and English."""

from connector.report.annex import csv
from connector.report.drawn.page import compose_of, html
from connector.report.drawn.screen import terminal
from connector.report.drawn.twin import json
from connector.report.dry_run.sentence import plan_sentence
from connector.report.protocol.sentences import told_lines, verified_sentence

__all__ = [
    "compose_of",
    "csv",
    "html",
    "json",
    "plan_sentence",
    "terminal",
    "told_lines",
    "verified_sentence",
]

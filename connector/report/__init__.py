"""A dry run or a protocol as terminal text, HTML, JSON or CSV, in Swedish and English."""

from connector.report.annex import csv
from connector.report.page import html
from connector.report.screen import terminal
from connector.report.sentences import plan_sentence, told_lines, verified_sentence
from connector.report.twin import json

__all__ = ["csv", "html", "json", "plan_sentence", "terminal", "told_lines", "verified_sentence"]

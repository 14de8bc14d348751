"""The time limits in words, from the rules that really run: for customers, and for the register."""

from connector.report.policy_text.lines import Line, attested_lines, policy_lines, rule_lines
from connector.report.policy_text.platform import on_platform
from connector.report.policy_text.voices import Voice, customers, period_words, register

__all__ = [
    "Line",
    "Voice",
    "attested_lines",
    "customers",
    "on_platform",
    "period_words",
    "policy_lines",
    "register",
    "rule_lines",
]

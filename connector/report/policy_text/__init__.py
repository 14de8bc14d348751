"""The time limits in words, from the rules that really run: for customers, and for the register."""

from connector.report.policy_text.customers import CUSTOMERS
from connector.report.policy_text.lines import Line, attested_lines, period_words, policy_lines, rule_lines
from connector.report.policy_text.platform import on_platform
from connector.report.policy_text.register import REGISTER
from connector.report.policy_text.said import Said, Voice

__all__ = [
    "CUSTOMERS",
    "REGISTER",
    "Line",
    "Said",
    "Voice",
    "attested_lines",
    "on_platform",
    "period_words",
    "policy_lines",
    "rule_lines",
]

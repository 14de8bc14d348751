"""`gallra init`: questions as data, and from the answers a settings file and a letter."""

from connector.cli.init.compose import Draft, draft
from connector.cli.init.questions import Question, Wording, questions

__all__ = ["Draft", "Question", "Wording", "draft", "questions"]

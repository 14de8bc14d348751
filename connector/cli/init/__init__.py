"""`gallra init`: questions as data, and from the answers a settings file and a letter."""

from connector.cli.init.compose import Draft, draft, in_files
from connector.cli.init.questions import Question, questions
from connector.cli.init.wording import Wording

__all__ = ["Draft", "Question", "Wording", "draft", "in_files", "questions"]

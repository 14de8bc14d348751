"""`gallra init`: questions as data, and from the answers a settings file and a letter."""

from connector.init.compose import Draft, draft
from connector.init.questions import QUESTIONS, Question, Wording

__all__ = ["QUESTIONS", "Draft", "Question", "Wording", "draft"]

"""How a shop is set up: the questions, what their answers become, and the first try of its keys.

`gallra init` asks them at a terminal, `connector.serve.pages.connect` in a browser.
"""

from connector.setup.compose import Draft, draft, in_files
from connector.setup.questions import Question, questions
from connector.setup.wording import Wording

__all__ = ["Draft", "Question", "Wording", "draft", "in_files", "questions"]

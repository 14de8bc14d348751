"""Asks the questions of `init` one by one: which of how many, back again, and kept after each answer."""

from collections.abc import Callable, Sequence

import typer

from connector.cli.common import say
from connector.errors import GallraError
from connector.setup.questions import Answers, Question, questions
from connector.setup.understood import plain
from connector.setup.wording import Language, Wording

BACK = ("<", "tillbaka", "back")
_NUMBER = Wording(sv="Fråga {at} av {of}: {words}", en="Question {at} of {of}: {words}")
_HINT = Wording(
    sv="Tryck Enter för det som står inom [ ], skriv < för att gå tillbaka. Ctrl-D avbryter, svaren sparas.",
    en="Press Enter for what stands in [ ], write < to go back. Ctrl-D stops, the answers are kept.",
)
_HINT_PIPED = Wording(
    sv="En tom rad tar det som står inom [ ].", en="An empty line takes what stands in [ ]."
)
_FIRST = Wording(sv="Det här är den första frågan.", en="This is the first question.")
_ON = Wording(
    sv="Fortsätter där du slutade: {count} svar är sparade.", en="Goes on: {count} answers are kept."
)


def ask(
    given: Answers, *, before: Answers, language: Language, keep: Callable[[Answers], None] | None
) -> dict[str, str]:
    """Every answer: those given, those of `before`, and what is typed; `keep` is told after each.

    Where nobody can be asked again (`keep` is None), raises GallraError at an answer that will not do, and
    where the answers end before the questions.
    """
    answers = {**before, **given}
    say((_HINT if keep else _HINT_PIPED).of(language))
    if before:
        say(_ON.of(language).format(count=len(before)))
    order = [one for one in questions() if one.id not in given]
    at = next((number for number, one in enumerate(order) if one.id not in answers), len(order))
    way: list[int] = [number for number in range(at) if order[number].asked(answers)]
    while at < len(order):
        if not order[at].asked(answers):
            answers.pop(order[at].id, None)
            at += 1
            continue
        counts = answers.get(order[at].id) or order[at].default
        words = _numbered(order, at, answers, language)
        answer = _answer(order[at], words, counts=counts, language=language, again=keep is not None)
        if answer is None:
            at = way.pop() if way else _told_first(at, language)
            continue
        answers[order[at].id] = answer
        if keep:
            keep(answers)
        way.append(at)
        at += 1
    return answers


def _told_first(at: int, language: Language) -> int:
    say(f"  {_FIRST.of(language)}")
    return at


def _numbered(order: Sequence[Question], at: int, answers: Answers, language: Language) -> str:
    """The question with its number and its choices."""
    known = {**{one.id: one.default for one in order}, **answers}
    asked = [one for one in order if one.asked(known)]
    words = order[at].words.of(language)
    numbered = _NUMBER.of(language).format(at=asked.index(order[at]) + 1, of=len(asked), words=words)
    choices = f" ({order[at].shown(language)})" if order[at].choices else ""
    return f"{numbered}{choices}"


def _answer(question: Question, words: str, *, counts: str, language: Language, again: bool) -> str | None:
    """What is meant by what was typed, `counts` where nothing was; None to go back. Asks until it will do."""
    suffix = " " if words.endswith(("?", ".", ")")) or counts else ": "
    shown = f"{words} [{question.label(counts, language)}]" if counts else words
    while True:
        typed = _typed(shown, suffix, question if not again else None)
        if plain(typed) in BACK:
            return None
        answer = question.heard(typed or counts)
        fault = question.fault(answer)
        if fault is None:
            return answer
        say(f"  {fault.of(language)}")
        if not again:
            raise GallraError(f"The answer to {question.id} will not do. Correct it and run again.")


def _typed(shown: str, suffix: str, piped: Question | None) -> str:
    """What was typed. Raises GallraError where what was piped ends here: nobody has stopped anything."""
    try:
        return str(typer.prompt(shown, default="", show_default=False, prompt_suffix=suffix)).strip()
    except typer.Abort:
        if piped is None:
            raise
        typer.echo()  # the question's own line is unfinished
        option = f"--{piped.id.replace('_', '-')}"
        raise GallraError(
            f"The answers ended before {piped.id}, and nothing was written. Give the rest too: a line each, "
            f"{option} and the other options, or a file with --answers."
        ) from None

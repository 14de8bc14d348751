"""What a check of a Mailchimp account finds; writes nothing."""

from collections.abc import Callable, Sequence

from adapters.keys import KEY_REFUSED, unusable
from adapters.mailchimp.service import Mailchimp
from connector.errors import RemoteError
from connector.ports import Access, Problem


def check_account(
    service: Mailchimp, *, lists: Sequence[str] | None, stores: Sequence[str] | None, contacts: bool = False
) -> Access:
    """The key, and the named audiences or stores; None leaves that half unread.

    `contacts`: whether the settings say that the account has the Contacts API.
    """
    try:
        service.ping()
        problems = _named("audience", lists, service.lists) + _named("store", stores, service.stores)
        missing = {problem.code for problem in problems if problem.severity == "error"}
        if not missing:
            problems += [_empty(name) for name in lists or () if service.counts_nobody(name)]
            problems += [_no_contacts(name) for name in lists or () if contacts and _lacks(service, name)]
    except RemoteError as error:
        return _closed(error)
    return Access(
        adapter="mailchimp",
        reachable=True,
        can_read=not any(problem.severity == "error" for problem in problems),
        version="3.0",
        problems=tuple(problems),
    )


def _lacks(service: Mailchimp, name: str) -> bool:
    """Whether the Contacts API shows none of the contacts that an audience's own list shows."""
    shown, _ = service.living(name)
    return bool(shown) and not any(service.contact(name, contact) for contact in shown[:_TRIED])


_TRIED = 3  # one may have gone since the list was read


def _no_contacts(name: str) -> Problem:
    return Problem(
        severity="error",
        code="no_contacts_api",
        en=f"This account's Contacts API shows nobody of the audience {name}: it is a beta that not every "
        "account has. Turn `contacts` off in the settings.",
        sv=f"Kontots Contacts API visar ingen i målgruppen {name}: det är en beta som inte alla konton har. "
        "Slå av `contacts` i inställningarna.",
    )


def _closed(error: RemoteError) -> Access:
    problem = unusable(
        error,
        refused="Mailchimp tar inte emot nyckeln; "
        "skapa en ny under Account > Extras > API keys och byt den här.",
        silent="Mailchimp svarar inte; försök igen om några minuter.",
    )
    denied = problem.code == KEY_REFUSED
    return Access(adapter="mailchimp", reachable=denied, can_read=False, problems=(problem,))


_SV = {"audience": "målgruppen", "store": "butiken"}
_PLURAL = {"audience": "målgrupper", "store": "butiker"}
_SETTING = {"audience": "lists", "store": "stores"}


def _named(what: str, named: Sequence[str] | None, read: Callable[[], frozenset[str]]) -> list[Problem]:
    if named is None:
        return []
    found = read()
    problems = [_missing(what, name) for name in named if name not in found]
    if not named:
        problems.append(_none(what))
    others = len(found - set(named))
    return problems + ([_others(what, others)] if others else [])


def _missing(what: str, name: str) -> Problem:
    setting = _SETTING[what]
    return Problem(
        severity="error",
        code=f"{what}_missing",
        en=f"The {what} {name} is not in this Mailchimp account; correct `{setting}` in the settings.",
        sv=f"Mailchimp-kontot har inte {_SV[what]} {name}; rätta `{setting}` i inställningarna.",
    )


def _empty(name: str) -> Problem:
    return Problem(
        severity="warning",
        code="audience_empty",
        en=f"The audience {name} has no members: see that `lists` names the right one, and who emptied it.",
        sv=f"Målgruppen {name} har inga medlemmar: se att `lists` anger rätt målgrupp, och vem som tömt den.",
    )


def _none(what: str) -> Problem:
    setting = _SETTING[what]
    return Problem(
        severity="warning",
        code=f"no_{what}_named",
        en=f"No {what} is named, so none is touched; name them in `{setting}`.",
        sv=f"Inga {_PLURAL[what]} är angivna, så inga rörs; ange dem i `{setting}`.",
    )


def _others(what: str, count: int) -> Problem:
    setting = _SETTING[what]
    return Problem(
        severity="info",
        code=f"{what}s_not_named",
        en=f"{count} more {what}(s) of this account are left alone; name them in `{setting}` if wanted.",
        sv=f"Ytterligare {count} av kontots {_PLURAL[what]} lämnas orörda; ange dem i `{setting}` vid behov.",
    )

"""What a check of a mailbox finds: the login, each folder, what cannot be done there; writes nothing."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.imap.folders import Folders
from adapters.imap.line import NAME, NO_FOLDER, Line, Session
from connector.errors import AccessDenied, RemoteError, RetryLater
from connector.ports import Access, Problem

_TRASH, _ALL = b"\\trash", b"\\all"
_SHOWN = 12  # folders that are not named and that a problem lists


def check_mailbox(line: Line, folders: Folders) -> Access:
    """The access; what fails is a finding, and raises nothing."""
    try:
        problems, uidplus = line.ask(lambda session: (tuple(_found(session, folders)), session.uidplus))
    except RemoteError as error:
        denied = isinstance(error, AccessDenied)
        problem = Problem(
            severity="error", code="key_refused" if error.code == "login_refused" else "unreachable",
            en=str(error), sv=_SV.get(error.code, _SILENT), later=isinstance(error, RetryLater),
        )  # fmt: skip
        return Access(adapter=NAME, reachable=denied, can_read=False, problems=(problem,))
    return Access(
        adapter=NAME, reachable=True, can_write=uidplus or None, version="IMAP4rev1", problems=problems,
        can_read=not any(one.severity == "error" for one in problems),
    )  # fmt: skip


_SILENT = "E-postservern svarar inte; försök igen om några minuter."
_SV: Mapping[str, str] = {
    "login_refused": "E-postservern tar inte emot inloggningen; kontrollera `user` och `password`. "
    "En del leverantörer vill ha ett lösenord för program.",
    "certificate": "E-postserverns certifikat är inte betrott; rätta `host`, eller ange certifikatets "
    "PEM-fil i ca_file under [network].",
}


def _found(session: Session, folders: Folders) -> Iterator[Problem]:
    there = session.folders()
    names = {name for _, name in there}
    named = {folder.name for folder in folders.named}
    for folder in folders.named:
        if folder.name not in names and folder.name.upper() != "INBOX":
            yield _missing(folder.label)
            continue
        try:
            folder.open(session)
        except AccessDenied as error:
            if error.code != NO_FOLDER:
                raise
            yield _missing(folder.label)
    if not session.uidplus:
        yield _no_uidplus()
    trash = [name for flags, name in there if _flagged(flags, _TRASH) and name not in named]
    for name in trash:
        if count := session.count(name):
            yield _trash(count)
    if any(_flagged(flags, _ALL) and name in named for flags, name in there):
        yield _all_mail()
    others = sorted(names - named)
    if others:
        yield _others(others)


def _flagged(flags: frozenset[bytes], flag: bytes) -> bool:
    return flag in {one.lower() for one in flags}


def _missing(label: str) -> Problem:
    return Problem(
        severity="error", code="folder_missing",
        en=f"The mailbox has no folder for `{label}`, or it cannot be opened; correct `folders`.",
        sv=f"Brevlådan har ingen mapp för `{label}`, eller så går den inte att öppna; rätta `folders`.",
    )  # fmt: skip


def _no_uidplus() -> Problem:
    return Problem(
        severity="warning", code="no_uidplus",
        en="The mail server cannot remove single messages (UIDPLUS), so Gallra deletes nothing there: what "
        "is due is listed for a hand.",
        sv="E-postservern kan inte ta bort enskilda meddelanden (UIDPLUS), så Gallra raderar inget där: det "
        "som ska bort listas för hand.",
    )  # fmt: skip


def _trash(count: int) -> Problem:
    return Problem(
        severity="warning", code="trash_not_named",
        en=f"{count} messages lie in the trash, which `folders` does not name: name it, or empty it.",
        sv=f"{count} meddelanden ligger i papperskorgen, som `folders` inte anger: ange den, eller töm den.",
    )  # fmt: skip


def _all_mail() -> Problem:
    return Problem(
        severity="error", code="all_mail_named",
        en="`folders` names the folder that shows every message of the mailbox; name the real folders.",
        sv="`folders` anger mappen som visar alla brevlådans meddelanden; ange de riktiga mapparna.",
    )  # fmt: skip


def _others(names: Sequence[str]) -> Problem:
    more = f" (+{len(names) - _SHOWN})" if len(names) > _SHOWN else ""
    listed = ", ".join(names[:_SHOWN]) + more
    return Problem(
        severity="info", code="folders_not_named",
        en=f"These folders are left alone; name them in `folders` if wanted: {listed}.",
        sv=f"De här mapparna lämnas orörda; ange dem i `folders` vid behov: {listed}.",
    )  # fmt: skip

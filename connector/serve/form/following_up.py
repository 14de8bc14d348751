"""What follows a form that was sent: its mail, and, once that was confirmed, a request in the register.

One thread does it for all shops, so that no visitor waits for a mail server or for a run that is under way.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Event, Thread

from connector.errors import GallraError, RemoteError, RetryLater, WrongKey
from connector.ledger.states import RequestState
from connector.ports import Mail, Post, Posted
from connector.request import RequestKind
from connector.serve.form.app import Asked, FormSite, opened_wish
from connector.serve.form.wishes import KEPT, TRIES, Wish
from connector.serve.form.words import FormWords
from connector.serve.pages.asking import let_go
from connector.serve.pages.request_work import end_mailings_of
from connector.shop import STOCKHOLM, Shop
from connector.stages.flow import locked
from connector.stages.flow.confirmed_requests import Confirmed, identify_confirmed, open_confirmed

_log = logging.getLogger("gallra.form")

EVERY = 30.0
"""Seconds between two looks, where nobody calls."""

BY = "form"
"""Who takes such a request in, as the register has it."""

_TOKEN = 16  # bytes of a mail's own id, which a bounce quotes
Say = Callable[[str], object]


class FollowUp:
    """Mails what waits, and takes in what was confirmed; `look` may be called by one thread alone."""

    def __init__(self, site: FormSite, say: Say) -> None:
        self._site, self._say = site, say
        self._told: set[str] = set()
        self._tried: Counter[str] = Counter()

    def look(self) -> None:
        """Does what there is to do now; what cannot be done now stays for the next look."""
        wishes = self._site.wishes
        wishes.destroy_old()
        for id, path in self._site.shops().items():
            if not (wishes.to_mail(id) or wishes.confirmed(id)):
                continue
            try:
                shop = self._site.load(path)
                try:
                    self._mail(shop, wishes.to_mail(id))
                    self._take_in(shop, wishes.confirmed(id))
                finally:
                    let_go(shop)
            except RetryLater:
                continue  # a run is under way, or a service does not answer
            except GallraError as fault:
                self._tell(f"The form of shop {id}: {fault}")
            except Exception as fault:
                # Its own text may quote what was sent.
                _log.error("what was asked by the form could not be followed up (%s)", type(fault).__name__)

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._say(line)

    # Mail ---------------------------------------------------------------------------------

    def _mail(self, shop: Shop, waiting: Sequence[Wish]) -> None:
        post: Post | None = shop.carrier.mailer() if waiting else None
        if post is None:
            return
        try:
            for wish in waiting:
                self._mail_one(shop, post, wish)
        finally:
            post.close()

    def _mail_one(self, shop: Shop, post: Post, wish: Wish) -> None:
        wishes = self._site.wishes
        try:
            asked = opened_wish(shop, wish)
        except WrongKey:  # the vault key was changed meanwhile: nobody can read it any more
            wishes.destroy(wish)
            return
        secret = wishes.begin_mail(wish)
        if not secret:
            return
        try:
            came = post.deliver(self._written(shop, wish, asked, secret))
        except RemoteError:
            wishes.not_mailed(wish)
            raise
        if came is Posted.LATER:
            wishes.not_mailed(wish)
        elif came is Posted.REFUSED:
            wishes.destroy(wish)

    def _written(self, shop: Shop, wish: Wish, asked: Asked, secret: str) -> Mail:
        """The mail that asks for a confirmation: nothing that its sender wrote stands in it."""
        words, settings = FormWords(asked.language), shop.settings
        until = (wish.sent + KEPT).astimezone(STOCKHOLM).date()
        link = self._site.home.link(wish.shop, f"/confirm/{secret}?language={asked.language}")
        text = words.say(
            "mail.text", shop=settings.shop.name, kind=words.say(f"kind.{wish.kind}"), until=until, link=link,
            company=settings.company.name or settings.shop.name,
        )  # fmt: skip
        return Mail(
            to=asked.email, subject=words.say("mail.subject", shop=settings.shop.name), text=text.lstrip(),
            token=secrets.token_hex(_TOKEN), reply_to=settings.company.contact or "",
        )  # fmt: skip

    # Requests -----------------------------------------------------------------------------

    def _take_in(self, shop: Shop, confirmed: Sequence[Wish]) -> None:
        for wish in confirmed:
            try:
                asked = opened_wish(shop, wish)
            except WrongKey:
                self._site.wishes.destroy(wish)
                self._tell(
                    f"The form of shop {wish.shop}: what somebody confirmed cannot be opened with the vault "
                    "key of now, and was destroyed. They must ask again."
                )
                continue
            try:
                self._take_in_one(shop, wish, asked)
            except RetryLater as fault:
                if fault.operation == "lock":  # nor would the next one fare better
                    raise
            except GallraError as fault:  # it stays, and keeps nobody else's waiting
                self._tell(f"The form of shop {wish.shop}: {fault}")

    def _take_in_one(self, shop: Shop, wish: Wish, asked: Asked) -> None:
        """Once it is in the register, a service that does not answer is asked a few times and no more."""
        received = wish.sent.astimezone(STOCKHOLM).date()
        confirmed = Confirmed(kind=wish.kind, received=received, by=BY, email=asked.email, order=asked.order)
        with locked(shop):
            row = open_confirmed(shop, confirmed)
        try:
            with locked(shop):
                row = identify_confirmed(shop, row, by=BY)
            if row.state is RequestState.IDENTIFIED and row.kind is RequestKind.OBJECT:
                end_mailings_of(shop, row.code, by=BY, language=shop.settings.shop.language)
        except RemoteError as fault:
            under_way = isinstance(fault, RetryLater) and fault.operation == "lock"
            self._tried[wish.mark] += not under_way
            if self._tried[wish.mark] < TRIES:
                raise
            self._tell(f"The form of shop {wish.shop}: request {row.code} waits for a person. {fault}")
        self._site.wishes.destroy(wish)


class Following:
    """The thread that follows up, for as long as it is not stopped."""

    def __init__(self, follow_up: FollowUp, called: Event) -> None:
        self._follow_up, self._called = follow_up, called
        self._over = Event()
        self._thread = Thread(target=self._run, name="form", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._follow_up.look()
            except Exception as fault:  # the next look may fare better
                _log.error("the form could not be followed up (%s)", type(fault).__name__)
            self._called.wait(EVERY)
            self._called.clear()

    def stop(self) -> None:
        """Lets what is under way end."""
        self._over.set()
        self._called.set()
        self._thread.join()


__all__ = ["BY", "EVERY", "FollowUp", "Following"]

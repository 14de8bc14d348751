"""Where the form is: an address of its own, public, and only where its mail can leave."""

from collections.abc import Iterable

from connector.errors import SettingsError
from connector.records import Value
from connector.serve.pages.home import Home, origin_of
from connector.settings import Settings


class FormHome(Value, frozen=True, kw_only=True):
    """The address of the form, and whose word on who asks is believed."""

    home: Home
    proxies: tuple[str, ...] = ()

    def link(self, shop: str, rest: str = "") -> str:
        """The address of a shop's form, or of a page behind it."""
        return f"{self.home.origin}/{shop}{rest}"


def must_be_able(settings: Settings) -> None:
    """Refuses a form that could confirm nothing, or whose address is another's. Raises SettingsError."""
    form = settings.form
    if form is None:
        return
    if settings.letters.smtp is None:
        raise SettingsError(
            [
                "form: needs a mail server, for nothing counts before it is confirmed by mail. Write "
                "[letters.smtp], or take [form] out."
            ]
        )
    others = {
        "web.listen": settings.web and settings.web.listen,
        "webhooks.listen": settings.webhooks and settings.webhooks.listen,
        "serve.listen": settings.serve and settings.serve.url and settings.serve.listen,
        "metrics.listen": settings.metrics.listen,
    }
    for key, listen in others.items():
        if listen == form.listen:
            raise SettingsError(
                [
                    f"form.listen: is the address of {key} too. Anybody may come to the form: give it one of "
                    "its own."
                ]
            )


def one_form(settings: Iterable[Settings]) -> FormHome | None:
    """The one address of all these shops' forms; None where none has [form]. Raises SettingsError for two."""
    found = {one.form for one in settings if one.form is not None}
    if len(found) > 1:
        raise SettingsError(
            [
                "form: the shops of one folder share an address for their forms, and these name two. "
                "Write [form] once, in agency.toml."
            ]
        )
    if not found:
        return None
    form = found.pop()
    certificate = (form.certificate, form.key) if form.certificate and form.key else None
    home = Home(listen=form.listen, origin=origin_of(form.url), certificate=certificate)
    return FormHome(home=home, proxies=form.proxies)


__all__ = ["FormHome", "must_be_able", "one_form"]

"""A run's protocol as files in the reports folder: a page, its JSON twin, and its signature."""

from pathlib import Path

from connector.ledger.proof.signed_file import SIGNATURE
from connector.machine.files import write_text
from connector.report import drawn as reports
from connector.report.protocol.model import Protocol
from connector.report.shared import Language
from connector.shop import Shop
from connector.views.protocol import protocol
from connector.views.protocol.signature import ALLOWED, signature


def put_protocol(shop: Shop, language: Language, code: str | None = None) -> tuple[Protocol, list[Path]]:
    """Writes the protocol of the newest run, or of the plan named; returns it, and its files.

    The caller holds the shop's lock.
    """
    view = protocol(shop, code=code)
    folder, stem = shop.settings.reports.folder, f"protocol-{view.number}"
    paths = [folder / f"{stem}.html", folder / f"{stem}.json"]
    write_text(paths[0], reports.html(view, language))
    text = reports.json(view)
    write_text(paths[1], text)
    signed = signature(shop, text)
    if signed is not None:
        paths.append(folder / f"{stem}{SIGNATURE}")
        write_text(paths[2], signed.armour)
        write_text(folder / ALLOWED, signed.allowed)
    return view, paths


__all__ = ["put_protocol"]

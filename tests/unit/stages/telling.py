"""A shop opened from settings that tells one recipient, so that handles are sealed in its ledger."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from connector.ledger.sealing import open_vault
from connector.ports import Recipient
from connector.shop import Shop
from tests.engine_support import VAULT_KEY, MemoryRecipient, make_engine
from tests.unit.stages.opened import ENVIRON, Opened


class Telling(Opened):
    """The same shop, with a recipient that erases by e-mail address."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder)
        with self.file.open("a", encoding="utf-8") as file:
            file.write('\n[recipients.mailer]\ntitle = "Mailer"\ncode = "MC"\nrole = "processor"\n')
        self.mailer = MemoryRecipient()
        self.environ: dict[str, str] = dict(ENVIRON)

    def open(self, path: Path | None = None, *, environ: Mapping[str, str] = ENVIRON) -> Shop:
        """The shop, and whom it tells."""
        shop = super().open(path, environ={**environ, **self.environ})
        own = Recipient(name=self.mailer.name, code=self.mailer.recipient, processor=self.mailer)
        shop.__dict__["recipients"] = (own,)
        return shop

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "gallra.sqlite"

    def rows(self, sql: str) -> list[Any]:
        """What the ledger's file holds."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            return connection.execute(sql).fetchall()

    def sealed(self) -> dict[int, bytes]:
        """What is sealed for the recipient, by delivery."""
        return dict(self.rows("SELECT id, sealed FROM delivery WHERE sealed IS NOT NULL"))

    def erased(self, *ids: str) -> None:
        """Orders of these ids are erased in the shop by the stages themselves, and nobody is told yet."""
        engine = make_engine(self.folder, name=self.ledger.name)
        engine.outbox.vault = open_vault(engine.ledger, VAULT_KEY)
        engine.shop, engine.recipients, engine.clock = self.memory, [self.mailer], self.clock
        engine.ledger.clock = self.clock
        for id in ids:
            self.memory.order(id)
        engine.pull()
        engine.plan()
        engine.apply()
        engine.ledger.engine.dispose()
        assert len(self.sealed()) == len(ids)

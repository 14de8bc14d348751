"""How services are reached: patience, and whom https trusts (settings, `[network]`)."""

import ssl
from collections.abc import Mapping
from typing import Any

from urllib3.util.ssl_ import create_urllib3_context

from adapters.patience import PATIENCE
from connector.errors import SettingsError
from connector.records import Value


class Network(Value, frozen=True, kw_only=True):
    """The settings that every service is reached by."""

    patience: float = PATIENCE  # seconds
    ca_file: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Network":
        """What the settings of an adapter say of it; the defaults where they say nothing."""
        given: Mapping[str, Any] = settings.get("network") or {}
        return cls(patience=float(given.get("patience", PATIENCE)), ca_file=str(given.get("ca_file") or ""))

    def https(self) -> ssl.SSLContext | None:
        """What https trusts besides the usual certificates; None where that is nothing.

        Raises SettingsError where the file holds no certificate.
        """
        return self._with_ca(create_urllib3_context()) if self.ca_file else None

    def mail(self) -> ssl.SSLContext:
        """What a mail server's certificate is held against."""
        context = ssl.create_default_context()
        return self._with_ca(context) if self.ca_file else context

    def _with_ca(self, context: ssl.SSLContext) -> ssl.SSLContext:
        try:
            context.load_verify_locations(cafile=self.ca_file)
        except (OSError, ssl.SSLError):
            raise SettingsError(
                [f"network.ca_file: {self.ca_file} holds no certificate that can be read. Name a PEM file."]
            ) from None
        return context

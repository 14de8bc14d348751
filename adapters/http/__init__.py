"""HTTP for every adapter: one kept session per service, retries, limits, status to error.

No message, log or exception of this package holds a body, a query string, an address or a
secret: it names the adapter, the operation, the status and the service's own error code.
"""

from adapters.http.answer import Answer as Answer
from adapters.http.answer import json_error_code as json_error_code
from adapters.http.clock import clock_of as clock_of
from adapters.http.clock import earlier_clock as earlier_clock
from adapters.http.edge import Http as Http
from adapters.http.freshness import date_of as date_of
from adapters.http.freshness import from_cache as from_cache
from adapters.http.meaning import CACHED as CACHED
from adapters.http.meaning import HTML as HTML
from adapters.http.meaning import PRINTED as PRINTED
from adapters.http.meaning import Row as Row
from adapters.http.meaning import Statuses as Statuses
from adapters.patience import retry_after as retry_after

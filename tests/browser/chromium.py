"""A headless Chromium over its own debugging pipe: no library, no port, no network."""

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--remote-debugging-pipe", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip

# What reaches past the window's right edge, though nothing around it may be scrolled to it: its tag and text.
_WIDE = """
[...document.querySelectorAll('body *')].filter(one => {
  const box = one.getBoundingClientRect();
  const shown = box.width && getComputedStyle(one).clipPath === 'none';
  return shown && box.right > document.documentElement.clientWidth + 1;
}).map(one => one.tagName + '.' + one.className + ': ' + one.textContent.trim().slice(0, 60)).slice(0, 5)
"""


class Browser:
    """One page of a Chromium, spoken to over a pipe."""

    def __init__(self, to: int, from_: int) -> None:
        self._to = to
        self._from = os.fdopen(from_, "rb", buffering=0)
        self._left = b""
        self._numbers = itertools.count(1)
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Page.enable")

    _session = ""

    def open(self, html: str, *, width: int, height: int = 900) -> None:
        """Shows a page in a window of this width, in CSS pixels."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 700)  # fmt: skip
        frame = self._ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._ask("Page.setDocumentContent", frameId=frame, html=html)

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def media(self, name: str) -> None:
        """Shows the page as on `print` or, with an empty name, as on the screen again."""
        self._ask("Emulation.setEmulatedMedia", media=name)

    def scrolled(self) -> int:
        """CSS pixels by which the page is wider than its window."""
        return int(self.value("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def wide(self) -> list[str]:
        """Some of what reaches past the window."""
        return list(self.value(_WIDE))

    def picture(self, to: Path) -> None:
        """The whole page as a PNG."""
        taken = self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        to.write_bytes(base64.b64decode(taken["data"]))

    def printed(self) -> bytes:
        """The page as a PDF, by the page's own size and margins."""
        printed = self._ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(printed["data"])

    def close(self) -> None:
        """Lets go of the pipe."""
        os.close(self._to)
        self._from.close()

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        said = {"id": number, "method": method, "params": params}
        if self._session:
            said["sessionId"] = self._session
        self._send(said)
        while True:
            heard = self._next()
            if heard.get("id") == number:
                if "error" in heard:
                    raise RuntimeError(f"{method}: {heard['error']['message']}")
                return dict(heard["result"])

    def _send(self, said: dict[str, Any]) -> None:
        left = memoryview(json.dumps(said).encode() + b"\0")
        while left:
            left = left[os.write(self._to, left) :]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            more = self._from.read(1 << 20)
            if not more:
                raise RuntimeError("Chromium has ended")
            self._left += more
        one, _, self._left = self._left.partition(b"\0")
        return dict(json.loads(one))


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the block runs; ends the process that it began."""
    assert FOUND, "there is no Chromium here"
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()

    def wired() -> None:
        # Chromium reads its third descriptor and writes its fourth; moved high first, so that neither is hit.
        high_in, high_out = os.dup2(theirs_in, 30), os.dup2(theirs_out, 31)
        os.dup2(high_in, 3)
        os.dup2(high_out, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [FOUND, *FLAGS, f"--user-data-dir={profile}"], close_fds=False, preexec_fn=wired,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        browser = Browser(ours_out, ours_in)
        try:
            yield browser
        finally:
            process.terminate()
            process.wait()
            browser.close()


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))

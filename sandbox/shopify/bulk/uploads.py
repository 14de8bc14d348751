"""Files of variables, uploaded where stagedUploadsCreate says."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from sandbox.wire import Answer, Json

UPLOAD_LIMIT = 100 * 1024 * 1024
_NAME = re.compile(rb'name="([^"]*)"')


class Uploads:
    """What was promised, and what arrived."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.promised: dict[str, Json] = {}
        self.arrived: dict[str, Path] = {}

    def promise(self, number: int, url: str, given: Json) -> Json:
        """A target for one file: where to post it, and the fields to post before it."""
        key = f"tmp/548380009/bulk/{number:032x}/{given['filename']}"
        parameters = {
            "x-goog-credential": "sandbox@stand-in.example", "x-goog-algorithm": "GOOG4-RSA-SHA256",
            "x-goog-date": "20261122T000000Z", "x-goog-signature": hashlib.sha256(key.encode()).hexdigest(),
            "key": key, "acl": "private", "success_action_status": "201", "Content-Type": given["mimeType"],
            "policy": hashlib.sha256(url.encode()).hexdigest(),
        }  # fmt: skip
        self.promised[key] = parameters
        rows = [{"name": name, "value": value} for name, value in parameters.items()]
        return {"url": f"{url}/staged-uploads", "parameters": rows}

    def find(self, key: str) -> Path | None:
        """The file that was uploaded under a key."""
        return self.arrived.get(key)

    def take(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """One multipart form: every promised field as it was promised, the file last."""
        parts = read_form(headers.get("content-type", ""), body)
        names = [name for name, _ in parts]
        fields = {name: content.decode("utf-8", "replace") for name, content in parts if name != "file"}
        promised = self.promised.get(fields.get("key", ""))
        if promised is None or {name: fields.get(name) for name in promised} != promised:
            return _xml(403, "AccessDenied", "The policy document or a field does not match.")
        if names[-1] != "file":
            return _xml(400, "InvalidArgument", "The file must be the last field of the form.")
        path = self.folder / f"{hashlib.sha256(fields['key'].encode()).hexdigest()}.upload"
        path.write_bytes(parts[-1][1])
        self.arrived[fields["key"]] = path
        text = f"<PostResponse><Key>{fields['key']}</Key></PostResponse>"
        return Answer(201, text, content_type="application/xml")


def _xml(status: int, code: str, message: str) -> Answer:
    head = "<?xml version='1.0' encoding='UTF-8'?>"
    text = f"{head}<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Answer(status, text, content_type="application/xml")


def read_form(content_type: str, body: bytes) -> list[tuple[str, bytes]]:
    """The fields of a multipart form, in their order."""
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    if not boundary:
        return []
    found = []
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        found.append((name[1].decode() if name else "", content.removesuffix(b"\r\n")))
    return found

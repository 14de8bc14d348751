"""What a hostile shop sends never reaches the terminal, a log or a header as it was sent."""

import io
import json
import logging
import unicodedata

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from adapters.notice import mail
from connector.cli import common
from connector.ports import Access, Listener, Problem
from connector.records import Facts, Kind, Record, Ref
from connector.report.drawn.plain import Text
from connector.text.printable import printable, printable_json

HOSTILE = "1001\x1b[2J\x1b]0;title\x07\x9b31m\r\nError: all gone\u202e\u2066\u200b\u2028next\x00\x7f"
NASTY = st.text(st.sampled_from("a1 \n\t\r\x1b[]31m\x07\x9b\u202e\u2066\u200b\u2028\x00\x7f\ud800Å€\xa0😀"))


def hidden(text: str) -> list[str]:
    """What no terminal should get, but a line's end."""
    return [
        one for one in text if (one != "\n" and unicodedata.category(one)[0] == "C") or one in "\u2028\u2029"
    ]


@given(NASTY)
def test_what_is_printed_holds_no_control_but_line_ends(text: str) -> None:
    assert hidden(printable(text)) == []


@given(st.text())
def test_text_without_controls_is_left_as_it_is(text: str) -> None:
    plain = "".join(one for one in text if not hidden(one) and one != "\n")
    assert printable(plain) == plain


@given(NASTY)
def test_json_is_printed_without_controls_and_means_the_same(text: str) -> None:
    shown = printable_json(json.dumps({"number": text}, ensure_ascii=False, indent=2))
    assert hidden(shown) == []
    assert json.loads(shown) == {"number": text}


@pytest.mark.parametrize("print_", [common.out, common.say])
def test_every_line_of_a_command_is_printable(print_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(typer, "echo", lambda text, **_: told.append(text))
    print_(HOSTILE)  # type: ignore[operator]
    assert hidden("".join(told)) == []


def test_a_report_is_styled_by_us_alone() -> None:
    output = io.StringIO()
    Console(file=output, force_terminal=True, color_system="standard").print(Text(HOSTILE, style="bold"))
    drawn = output.getvalue()
    assert drawn.startswith("\x1b[1m")
    for ours in ("\x1b[1m", "\x1b[0m"):
        drawn = drawn.replace(ours, "")
    assert hidden(drawn) == []


def test_a_log_line_is_one_printable_line_without_the_faults_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = logging.getLogger().handlers[:]
    try:
        common.log_to_screen()
        try:
            raise ValueError("anna@kund.example")
        except ValueError:
            logging.getLogger("gallra.test").warning("order %s", HOSTILE, exc_info=True)
    finally:
        logging.getLogger().handlers[:] = before
    told = capsys.readouterr().err
    assert hidden(told) == []
    assert told.count("\n") == 1
    assert "kund.example" not in told


def test_an_order_number_is_one_line_from_the_start() -> None:
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    label = Record(ref=ref, version="1", facts=Facts(), present=0, label=HOSTILE).label
    assert hidden(label) == []
    assert "\n" not in label


def test_what_a_check_found_is_one_line_each_from_the_start() -> None:
    problem = Problem(severity="info", code="x", en=HOSTILE, sv=HOSTILE)
    heard = Listener(id=HOSTILE, name=HOSTILE, kind="webhook", hears=HOSTILE)
    access = Access(adapter="shop", reachable=True, can_read=True, version=HOSTILE, timezone=HOSTILE)
    told = (problem.en, problem.sv, heard.id, heard.name, heard.hears, access.version, access.timezone)
    assert [one for one in told if hidden(one) or "\n" in one] == []


def test_where_a_fault_arose_is_told_without_a_value() -> None:
    try:
        try:
            raise KeyError("anna@kund.example")
        except KeyError as inner:
            raise ValueError("order 1001 of anna@kund.example") from inner
    except ValueError as fault:
        told = common.where(fault)
    assert "kund.example" not in told.replace('"order 1001 of anna@kund.example"', "").replace(
        '"anna@kund.example"', ""
    )
    assert "builtins.ValueError" in told
    assert "builtins.KeyError" in told
    assert "test_terminal.py" in told


def test_no_name_or_number_adds_a_header_to_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []

    class Server:
        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def send_message(self, message: object) -> None:
            sent.append(message)

    monkeypatch.setattr(mail, "connected", lambda _: Server())
    server = mail.MailServer(host="h", sender="shop@shop.example\r\nBcc: a@b.example>")
    mail.send(
        server, to="dpo@x.example\nBcc: c@d.example", subject="Prov\r\nBcc: e@f.example\r\n\r\nbody",
        text="x", html="x", letter_id="1>\r\nX: y",
    )  # fmt: skip
    (message,) = sent
    assert "Bcc" not in message  # type: ignore[operator]
    assert "X" not in message  # type: ignore[operator]


def test_no_command_prints_beside_these_ways() -> None:
    """A command that is added prints by `out`, `say`, `out_json` or `out_styled`."""
    from pathlib import Path

    folder = Path(common.__file__).parent
    others = [path for path in folder.glob("*.py") if path.name not in ("common.py", "__init__.py")]
    marks = ("typer.echo(", "click.echo(", "print(", "sys.stderr.write", "sys.stdout.write")
    assert [path.name for path in others if any(mark in path.read_text("utf-8") for mark in marks)] == []

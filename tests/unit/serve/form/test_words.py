"""What the form says stands in its catalogue, whole in both languages, and nowhere else."""

import re
from pathlib import Path

from connector.about.both import Both
from connector.report.catalogues import read_catalogue
from connector.serve import form
from connector.serve.form.app import KINDS
from tests.unit.serve.pages.test_words import gaps

FOLDER = Path(str(form.__file__)).parent
TEXTS = read_catalogue("form", dict[str, dict[str, Both]])
SOURCES = {path.name: path.read_text("utf-8") for path in (*FOLDER.glob("templates/*"), *FOLDER.glob("*.py"))}
KEYS = {f"{part}.{name}" for part, some in TEXTS.items() for name in some}


def test_both_languages_fill_the_same_gaps() -> None:
    both = [one for some in TEXTS.values() for one in some.values()]
    assert [one for one in both if gaps(one.sv) != gaps(one.en) or not one.sv.strip()] == []


def test_every_sentence_that_is_asked_for_is_there_and_no_other() -> None:
    said = re.compile(r"say\(\s*f?[\"']([a-z_]+\.[a-z_]+)[\"']")
    asked = {key for text in SOURCES.values() for key in said.findall(text)}
    asked |= {f"kind.{one}" for one in KINDS}
    asked |= {f"fault.{one}" for one in ("often", "link", "page", "later")}
    assert asked == KEYS


def test_no_template_says_anything_of_its_own_or_writes_style_or_script() -> None:
    for name, text in SOURCES.items():
        if not name.endswith(".j2"):
            continue
        bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
        words = re.findall(r"[A-Za-zåäöÅÄÖ]{2,}", re.sub(r"<[^>]*>", " ", bare))
        assert [one for one in words if one not in ("doctype", "html")] == [], name
        assert not re.search(r"<style|style=|\son[a-z]+=|<script|\|\s*safe|javascript:", text), name

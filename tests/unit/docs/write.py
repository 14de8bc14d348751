"""`python -m tests.unit.docs.write`: what the pages take from the code, written anew (`make reference`)."""

from tests.unit.docs.generated import written_anew
from tests.unit.docs.pages import pages

if __name__ == "__main__":
    for page in pages():
        page.write_text(written_anew(page.read_text(encoding="utf-8")), encoding="utf-8")

"""Pages as a browser draws them; where there is no Chromium these tests are skipped."""

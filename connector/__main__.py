"""`python -m connector` and the `gallra` command."""

import sys


def main() -> None:
    """Runs the command; Ctrl-C while its parts are still being loaded is told as at any other time."""
    try:
        from connector.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write(STOPPED)
        sys.exit(PARTIAL)
    run()


STOPPED = "Stopped. Nothing is lost; run the same command again.\n"
PARTIAL = 3
"""`Exit.PARTIAL` by its number: nothing of the engine is loaded yet."""

if __name__ == "__main__":
    main()

"""`python -m connector` and the `gallra` command."""

from connector.cli import main

if __name__ == "__main__":
    main()

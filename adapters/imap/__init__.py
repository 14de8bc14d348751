"""A mailbox at any mail host, over IMAP: support mail that goes by its date, or at its person's request."""

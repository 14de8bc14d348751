"""The stand-in mail server: one mailbox with its folders, over IMAP4rev1, with faults on demand."""

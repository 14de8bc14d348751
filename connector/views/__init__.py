"""From the ledger to a value that can be shown; nothing here decides, erases or tells anybody."""

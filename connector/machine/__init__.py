"""The machine Gallra runs on: files that are whole, what comes in the wheel, one lock a ledger."""

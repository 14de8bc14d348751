"""Writing: batches and single calls, every item looked at, money compared, nothing blind."""

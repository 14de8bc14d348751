"""The letters to somebody who made a request: receipt, extension, answer, refusal, confirmation."""

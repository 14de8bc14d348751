"""The public form: anybody asks for their own data, and confirms it by the link in their mail."""

"""Any paper to read, fill in and sign."""

"""What a reader sees, in Swedish and English: each document with its model; `drawn` shows any of them."""

"""One file a command; `app` is the table of them."""

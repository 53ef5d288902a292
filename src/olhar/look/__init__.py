"""One look for all that olhar shows in a browser: a stylesheet, a page, a message catalogue."""

"""Sessions that a run leaves unread until they are opened on purpose, and who has opened them."""

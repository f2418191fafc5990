"""Tables as people have them, recognised and turned into a market folder: nothing is guessed."""

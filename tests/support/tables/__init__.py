"""Tables as vendors and spreadsheets write them, of numbers of our own."""

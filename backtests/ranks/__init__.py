"""How well scores rank the stocks of a date by what these go on to make."""

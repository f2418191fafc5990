"""How a market folder is fetched and brought up to date, whoever its vendor is."""

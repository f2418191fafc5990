"""How far forecasts of returns were off, where a run makes them."""

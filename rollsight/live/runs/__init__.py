"""Runs as a live server follows or replays them, and what it says of them."""

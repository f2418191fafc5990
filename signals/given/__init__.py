"""Answers of somebody else's model: probabilities or scores of stocks and sessions."""

"""What finished runs decide: one session's confidences, what drove them, and what to do next."""

"""The paper account: what was decided, filled as prices arrive, in a journal that survives."""

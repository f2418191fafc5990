"""Networks that forecast the return of a trade: what they learn, and the classes it gives."""

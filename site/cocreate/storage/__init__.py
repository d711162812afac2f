"""Who joined and what they said: tables, sealing, and what is done with them."""

"""The database floor: SQL, and nothing but SQL. Functions here are handed a transaction and never commit it."""

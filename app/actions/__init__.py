"""One verb a file: open the transaction, ask the core, write to the store."""

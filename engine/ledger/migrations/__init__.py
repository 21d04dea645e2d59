"""How a ledger's tables came to be, one file a step. A step that has been released is never changed."""

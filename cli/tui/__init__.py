"""`conggao tui`: facts edited beside the outcomes that they change."""

"""Writing services in the browser: drafts, checks, proposals, rehearsal."""

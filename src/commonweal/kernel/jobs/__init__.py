"""Work that is done later: the lease queue, stored deliveries of events, the cron table, the outbox."""

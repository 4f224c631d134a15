-- The number, within its tenant, of whom the row counts once: the contact that a campaign's message was sent to, the enrollment of a sequence's event. 0 where there is
-- none. Sets of numbers are small bitmaps, which make distinct counts exact and cheap.
ALTER TABLE {database:Identifier}.analytics_events ADD COLUMN IF NOT EXISTS member_number UInt32 DEFAULT 0

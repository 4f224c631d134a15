-- Milliseconds from the first sending of a message to its first open and click, and to those that are not a machine's: 0 for one before the sending, -1 without one. The
-- decay of engagement counts messages by these times.
ALTER TABLE {database:Identifier}.analytics_message_facts
    ADD COLUMN IF NOT EXISTS opened_after Int64 DEFAULT -1 AFTER click_delay,
    ADD COLUMN IF NOT EXISTS clicked_after Int64 DEFAULT -1 AFTER opened_after,
    ADD COLUMN IF NOT EXISTS human_opened_after Int64 DEFAULT -1 AFTER clicked_after,
    ADD COLUMN IF NOT EXISTS human_clicked_after Int64 DEFAULT -1 AFTER human_opened_after

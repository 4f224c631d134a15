-- The classes of the opens and clicks of a message: bit n of the lower six bits is set when an open has the class n of src/analytics/engagement/actor-classes.ts, the next six
-- bits say the same of clicks. Where all opens of a message, or all clicks, have one class, an event has its class without reading the list of the events of its message.
-- 0 in rows that were written without it, and in those of messages without a sending: their classes follow from the list.
ALTER TABLE {database:Identifier}.analytics_message_facts
    ADD COLUMN IF NOT EXISTS action_classes UInt32

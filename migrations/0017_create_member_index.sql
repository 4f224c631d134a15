-- For the next but one alone: a table that an update can look a number up in.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_member_index
(
    member_key UUID,
    number UInt32
)
ENGINE = Join(ANY, LEFT, member_key)

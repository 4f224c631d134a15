-- The versions of the facts of messages: each was calculated by the rules of classes that were configured when it was begun (analytics_message_facts.rules is its number).
--
-- - settings: the version of the rules in the program, and the text of CLASSIFICATION_RULES. The version can thus be continued after the configuration was changed.
-- - state: 0 is being built, 1 complete, 2 replaced, 3 deleted. It never goes back. Answers are read from the highest number in state 1.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_facts_versions
(
    number UInt32,
    settings SimpleAggregateFunction(min, Tuple(rules_version UInt32, rules String)),
    state SimpleAggregateFunction(max, UInt32)
)
ENGINE = AggregatingMergeTree
ORDER BY number

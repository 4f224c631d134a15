import { CompleteFilter, type CompleteFilterOptions } from '../filter/complete-filter.ts'
import { type FilterSource, sourceStatements } from '../filter/filter-source.ts'
import type { EventWriter } from '../connection/store-connection.ts'

/** The hashes of the messages with stored facts, read from the projection `by_message` of each part. */
const STORED_MESSAGES: FilterSource = {
  keyBytes: 8,
  file: 'messages',
  first: 0,
  end: 2 ** 32,
  ...sourceStatements(
    'analytics_message_facts',
    'stored_messages',
    'message_hash',
    'message_hash >= bitShiftLeft(toUInt64({from:UInt64}), 32) AND message_hash <= bitShiftLeft(toUInt64({last:UInt64}), 32) + 4294967295 GROUP BY message_hash',
  ),
  rangeParameters: (from, end) => ({ from, last: end - 1 }),
}

/** Tells which messages certainly have no stored facts, by their hashes of 8 bytes each, so that new messages need no query. */
export class MessageFilter extends CompleteFilter {
  constructor(connection: EventWriter, options: CompleteFilterOptions = {}) {
    super(connection, STORED_MESSAGES, options)
  }
}

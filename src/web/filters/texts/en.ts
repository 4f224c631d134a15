/** The texts of the editor of filters in English. */
import type { WithTexts } from '../../messages/message-types.ts'

export const ENGLISH = {
  dimension: 'Filter by',
  condition: 'Condition',
  conditions: { in: 'is one of', notIn: 'is none of', exists: 'has a value', missing: 'has no value' },
  values: 'Values',
  search: 'Search or type a value',
  add: (value: string) => `Add “${value}”`,
  loading: 'Loading values…',
  none: 'There are no values in this range. Type one.',
  notLoaded: 'The values could not be loaded. Type one.',
  more: (count: string) => `The ${count} most frequent values. Type another one.`,
  choose: 'Choose at least one value.',
  wholeNumber: 'Type a whole number.',
  apply: 'Apply',
} as const

export type FilterTexts = WithTexts<typeof ENGLISH>

import type { Channel } from '../base/channels.ts'
import type { EntityType } from './catalogue.ts'
import { type ColumnDefinition, type ColumnValues, EVENT_COLUMNS } from './columns.ts'

/** Columns with a smaller set of values than their type. */
interface ClosedSets {
  entity_type: EntityType
  channel: Channel | ''
}

type ValueOf<Column extends ColumnDefinition> = Column['name'] extends keyof ClosedSets
  ? ClosedSets[Column['name']]
  : ColumnValues[Column['type']]

/** One event as it is stored: a property per column that the normaliser fills. */
export type EventRow = { readonly [Column in (typeof EVENT_COLUMNS)[number] as Column['name']]: ValueOf<Column> }

export const NAMED_ENTITIES = ['campaign', 'workflow', 'sequence', 'template'] as const
export type NamedEntity = (typeof NAMED_ENTITIES)[number]

/** An entity had this name at an instant (epoch milliseconds). The name with the latest instant is used, independent of the order of arrival. */
export interface NameObservation {
  readonly tenant_id: string
  readonly kind: NamedEntity
  readonly id: string
  readonly name: string
  readonly occurred_at: number
}

/** Whether two rows with the same id are the same event. If they differ, another event was sent under an id that is already in use. */
export function isSameEvent(a: EventRow, b: EventRow): boolean {
  return EVENT_COLUMNS.every(({ name }) => a[name] === b[name])
}

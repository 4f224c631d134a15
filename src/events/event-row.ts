import type { Channel, EntityType } from './catalogue.ts'

/**
 * One stored event: the row of `analytics_events`, named as its columns are. `occurred_at` is epoch milliseconds;
 * `ingested_at` is left to the store.
 */
export interface EventRow {
  readonly id: string
  readonly tenant_id: string
  readonly event_type: string
  readonly entity_type: EntityType
  readonly entity_id: string
  readonly channel: Channel | ''
  readonly contact_id: string | null
  readonly user_id: string | null
  readonly source_type: string
  readonly source_id: string | null
  readonly campaign_id: string | null
  readonly workflow_id: string | null
  readonly sequence_id: string | null
  readonly template_id: string | null
  /** JSON text: the producer's metadata and every field of `data` that has no column. */
  readonly metadata: string
  readonly occurred_at: number
  /** 1-based step of a sequence; null where the event names none. */
  readonly step_number: number | null
  readonly enrollment_id: string | null
}

export const NAMED_ENTITIES = ['campaign', 'workflow', 'sequence', 'template'] as const
export type NamedEntity = (typeof NAMED_ENTITIES)[number]

/** That an entity was called `name` at an instant (epoch milliseconds). The newest wins, whatever the order of arrival. */
export interface NameObservation {
  readonly tenant_id: string
  readonly kind: NamedEntity
  readonly id: string
  readonly name: string
  readonly occurred_at: number
}

/** Whether two rows of the same id tell the same: what differs otherwise is another payload under an id that is taken. */
export function isSameEvent(a: EventRow, b: EventRow): boolean {
  for (const column in a) if (a[column as keyof EventRow] !== b[column as keyof EventRow]) return false
  return true
}

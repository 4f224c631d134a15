/**
 * Reads an ordinary event from the bytes of its message into the columns of a block, with no object per event. Whatever is not ordinary is left to `parseEventEnvelope`
 * and `normaliseEvent`, which define what an event means: the scanner never rejects an event and never interprets one in another way.
 */
import type { TextColumn } from '../block/block-columns.ts'
import type { EventBlock } from '../block/event-block.ts'
import type { EventDefinition } from '../catalogue.ts'
import { deriveEventId, processSha1, type StreamPosition } from '../identity.ts'
import type { ByteInterner } from '../block/byte-interner.ts'
import type { Field } from './data-fields.ts'
import { DataReader } from './data-reader.ts'
import { EnvelopeReader } from './envelope-reader.ts'
import { EventFields } from './event-fields.ts'
import { EventIdWriter, MAX_KEY_CHARACTERS } from './event-id.ts'
import { InstantReader } from './instant.ts'
import { JsonReader } from './json-reader.ts'
import { MetadataWriter } from './metadata-writer.ts'
import type { Sha1 } from '../../base/bytes/sha1.ts'

/** The facts about a message from which its id is derived when it has no `eventId`. Read only then. */
export interface MessageIdentity {
  readonly origin: StreamPosition
  readonly messageId: string | undefined
}

const decoder = new TextDecoder()

const COMPLETED_RUN = 'workflow_run_completed'
const FAILED_RUN = 'workflow_run_failed'

/** One message at a time: its fields are valid until the next call of `scan`. */
export class EventScanner {
  /** When the event occurred, in epoch milliseconds. */
  occurredAt = 0

  readonly #reader = new JsonReader()
  readonly #data = new DataReader(this.#reader)
  readonly #envelope = new EnvelopeReader(this.#reader, this.#data)
  readonly #fields = new EventFields(this.#data.fields, this.#reader)
  readonly #metadata = new MetadataWriter(this.#reader, this.#data)
  readonly #instants = new InstantReader()
  readonly #ids: EventIdWriter
  #definition: EventDefinition | undefined

  /** `sha1` computes the hashes of ids. */
  constructor(sha1: Sha1 = processSha1) {
    this.#ids = new EventIdWriter(sha1)
  }

  /**
   * Reads a message on a subject of the catalogue. False: the message is not ordinary; nothing is known about it. `now` is the wall clock in epoch milliseconds. True: the
   * event is valid and `append` will add it.
   */
  scan(message: Uint8Array, definition: EventDefinition, now: number): boolean {
    this.#definition = undefined
    const envelope = this.#envelope
    if (!this.#reader.open(message) || !envelope.read()) return false
    const occurredAt = envelope.instant(this.#instants)
    if (!this.#instants.isAccepted(occurredAt, now)) return false
    if (!this.#fields.read(definition) || !this.#metadata.prepare()) return false
    this.#definition = definition
    this.occurredAt = occurredAt
    return true
  }

  /** The number of the message's tenant in `tenantIds`. */
  tenantIn(tenantIds: ByteInterner): number {
    return tenantIds.intern(this.#reader.bytes, this.#envelope.tenantFrom, this.#envelope.tenantTo)
  }

  /** Appends the scanned event, with its names, as the next row of the block. */
  append(events: EventBlock, identity: MessageIdentity): void {
    const definition = this.#definition
    if (definition === undefined) throw new Error('No message was scanned.')
    const { columns, length: row } = events
    const { bytes } = this.#reader
    const fields = this.#fields
    this.#writeId(events, row, identity)
    columns.tenant_id.setBytes(row, bytes, this.#envelope.tenantFrom, this.#envelope.tenantTo)
    const isFailedRun = fields.isFailed && definition.eventType === COMPLETED_RUN
    columns.event_type.set(row, isFailedRun ? FAILED_RUN : definition.eventType)
    columns.entity_type.set(row, definition.entityType)
    this.#writeText(columns.entity_id, row, fields.entityId)
    columns.channel.set(row, fields.channel)
    this.#writeText(columns.contact_id, row, fields.contactId)
    this.#writeText(columns.user_id, row, fields.userId)
    if (fields.sourceType === undefined) columns.source_type.set(row, fields.sourceKind ?? '')
    else columns.source_type.setBytes(row, bytes, fields.sourceType.from, fields.sourceType.to)
    this.#writeText(columns.source_id, row, fields.sourceId)
    this.#writeText(columns.campaign_id, row, fields.campaignId)
    this.#writeText(columns.workflow_id, row, fields.workflowId)
    this.#writeText(columns.sequence_id, row, fields.sequenceId)
    this.#writeText(columns.template_id, row, fields.templateId)
    this.#metadata.write(columns.metadata, row)
    columns.occurred_at.set(row, this.occurredAt)
    columns.step_number.set(row, fields.stepNumber)
    this.#writeText(columns.enrollment_id, row, fields.enrollmentId)
    this.#writeNames(events, row)
    events.takeRow()
  }

  #writeText(column: TextColumn, row: number, field: Field | undefined): void {
    if (field === undefined) column.setNull(row)
    else column.setBytes(row, this.#reader.bytes, field.from, field.to)
  }

  #writeNames({ columns, names }: EventBlock, row: number): void {
    const fields = this.#fields
    names.open(row)
    for (let index = 0; index < fields.nameCount; index++)
      names.addBytes(
        row,
        columns.tenant_id.indexes[row]!,
        fields.nameKinds[index]!,
        this.#reader.bytes,
        fields.nameIds[index]!,
        fields.names[index]!,
      )
  }

  #writeId({ columns: { id } }: EventBlock, row: number, identity: MessageIdentity): void {
    const { bytes } = this.#reader
    const { tenantFrom, tenantTo, eventIdFrom, eventIdTo } = this.#envelope
    if (eventIdTo > eventIdFrom) return this.#ids.write(id, row, bytes, tenantFrom, tenantTo, eventIdFrom, eventIdTo)
    const { messageId, origin } = identity
    if (messageId && messageId.length <= MAX_KEY_CHARACTERS)
      this.#ids.writeText(id, row, bytes, tenantFrom, tenantTo, messageId)
    else id.set(row, deriveEventId(decoder.decode(bytes.subarray(tenantFrom, tenantTo)), messageId, origin))
  }
}

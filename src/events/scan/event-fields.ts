/** Derives the columns of an event from the fields of `data`: the rules of `normaliseEvent` on places of bytes. */
import { CHANNELS, type Channel } from '../../base/channels.ts'
import type { EntityType, EventDefinition } from '../catalogue.ts'
import type { NamedEntity } from '../event-row.ts'
import type { DataFields, Field } from './data-fields.ts'
import { INTEGER, type JsonReader } from './json-reader.ts'
import { isText, sameBytes } from './text-bytes.ts'

const encoder = new TextEncoder()
const CHANNEL_TEXTS = CHANNELS.map((channel) => ({ channel, bytes: encoder.encode(channel) }))
const FAILED = encoder.encode('failed')

/** Kinds of entities that can be the source of an event, in the order in which a missing source is filled. */
type SourceKind = 'campaign' | 'workflow' | 'sequence'
const SOURCE_KINDS = (['campaign', 'workflow', 'sequence'] as const).map((kind) => ({
  kind,
  bytes: encoder.encode(kind),
}))

const MAX_STEP_NUMBER = 4_294_967_295
/** The fields that can contain a name. */
const MAX_NAMES = 6

export class EventFields {
  channel: Channel | '' = ''
  entityId: Field | undefined
  campaignId: Field | undefined
  workflowId: Field | undefined
  sequenceId: Field | undefined
  templateId: Field | undefined
  contactId: Field | undefined
  userId: Field | undefined
  enrollmentId: Field | undefined
  sourceId: Field | undefined
  /** The source's type as the message contains it; if undefined, it is `sourceKind`, or none. */
  sourceType: Field | undefined
  sourceKind: SourceKind | undefined
  /** Null without a step number. */
  stepNumber: number | null = null
  isFailed = false
  /** The names, each with its entity. */
  nameCount = 0
  readonly nameKinds: NamedEntity[] = Array.from({ length: MAX_NAMES }, () => 'campaign' as const)
  readonly nameIds: Field[]
  readonly names: Field[]
  readonly #fields: DataFields
  readonly #reader: JsonReader
  readonly #bytes: Uint8Array
  /** The fields of the entity's id of the definition that was used last. */
  #entityIdNames: readonly string[] | undefined
  #entityIdFields: readonly (Field | undefined)[] = []

  constructor(fields: DataFields, reader: JsonReader) {
    this.#fields = fields
    this.#reader = reader
    this.#bytes = reader.bytes
    this.nameIds = Array.from({ length: MAX_NAMES }, () => fields.sourceId)
    this.names = Array.from({ length: MAX_NAMES }, () => fields.sourceName)
  }

  /** Reads the fields of the message that was scanned last, and marks them as read. False: the message is not ordinary. */
  read(definition: EventDefinition): boolean {
    const fields = this.#fields
    if (!this.#readChannel() || !this.#readEntityId(definition) || !this.#readStepNumber()) return false
    this.#readSources()
    this.#readNames(definition.entityType)
    this.contactId = fields.contactId.read()
    this.userId = fields.userId.read()
    this.enrollmentId = fields.enrollmentId.read()
    const { status } = fields
    this.isFailed = status.hasText && isText(this.#bytes, status.from, status.to, FAILED)
    return true
  }

  /** False for a step number that does not fit the column. */
  #readStepNumber(): boolean {
    const { stepNumber } = this.#fields
    this.stepNumber = null
    if (stepNumber.kind !== INTEGER) return true
    this.stepNumber = this.#reader.integerAt(stepNumber.from, stepNumber.to)
    return this.stepNumber >= 1 && this.stepNumber <= MAX_STEP_NUMBER
  }

  #readChannel(): boolean {
    this.channel = ''
    const channel = this.#fields.channel.read()
    if (channel === undefined) return true
    for (const known of CHANNEL_TEXTS)
      if (isText(this.#bytes, channel.from, channel.to, known.bytes)) {
        this.channel = known.channel
        return true
      }
    return false
  }

  #readEntityId({ entityIdFields }: EventDefinition): boolean {
    if (this.#entityIdNames !== entityIdFields) {
      this.#entityIdNames = entityIdFields
      this.#entityIdFields = entityIdFields.map((name) => this.#fields.named(name))
    }
    this.entityId = undefined
    for (const field of this.#entityIdFields) {
      if (field === undefined) return false
      this.entityId = field.read()
      if (this.entityId !== undefined) return true
    }
    return false
  }

  #readSources(): void {
    const fields = this.#fields
    const sourceId = fields.sourceId.read()
    this.sourceType = fields.sourceType.read()
    this.sourceKind = this.#kindOf(this.sourceType)
    this.campaignId = fields.campaignId.read() ?? (this.sourceKind === 'campaign' ? sourceId : undefined)
    this.workflowId = fields.workflowId.read() ?? (this.sourceKind === 'workflow' ? sourceId : undefined)
    this.sequenceId = fields.sequenceId.read() ?? (this.sourceKind === 'sequence' ? sourceId : undefined)
    this.templateId = fields.templateId.read()
    if (this.sourceType === undefined) {
      if (this.campaignId !== undefined) this.sourceKind = 'campaign'
      else if (this.workflowId !== undefined) this.sourceKind = 'workflow'
      else if (this.sequenceId !== undefined) this.sourceKind = 'sequence'
    }
    this.sourceId = sourceId ?? this.#idOf(this.sourceKind)
  }

  #kindOf(sourceType: Field | undefined): SourceKind | undefined {
    if (sourceType === undefined) return undefined
    for (const { kind, bytes } of SOURCE_KINDS)
      if (isText(this.#bytes, sourceType.from, sourceType.to, bytes)) return kind
    return undefined
  }

  #idOf(kind: EntityType | undefined): Field | undefined {
    if (kind === 'campaign') return this.campaignId
    if (kind === 'workflow') return this.workflowId
    return kind === 'sequence' ? this.sequenceId : undefined
  }

  #readNames(entityType: EntityType): void {
    const fields = this.#fields
    this.nameCount = 0
    this.#readName(fields.campaignName, 'campaign', this.campaignId)
    this.#readName(fields.workflowName, 'workflow', this.workflowId)
    this.#readName(fields.sequenceName, 'sequence', this.sequenceId)
    this.#readName(fields.templateName, 'template', this.templateId)
    if (entityType === 'campaign' || entityType === 'workflow' || entityType === 'sequence')
      this.#readName(fields.name, entityType, this.#idOf(entityType))
    if (this.sourceKind !== undefined) this.#readName(fields.sourceName, this.sourceKind, this.sourceId)
  }

  /** One name per entity. A second, different name of an entity is not read. */
  #readName(field: Field, kind: NamedEntity, id: Field | undefined): void {
    if (!field.isPresent || id === undefined) return
    const known = this.#nameOf(kind, id)
    if (known !== undefined) {
      if (field.hasText && sameBytes(this.#bytes, known.from, known.to, field.from, field.to)) field.read()
      return
    }
    const name = field.read()
    if (name === undefined) return
    this.nameKinds[this.nameCount] = kind
    this.nameIds[this.nameCount] = id
    this.names[this.nameCount] = name
    this.nameCount++
  }

  #nameOf(kind: NamedEntity, id: Field): Field | undefined {
    for (let index = 0; index < this.nameCount; index++) {
      const other = this.nameIds[index]!
      if (this.nameKinds[index] === kind && sameBytes(this.#bytes, other.from, other.to, id.from, id.to))
        return this.names[index]
    }
    return undefined
  }
}

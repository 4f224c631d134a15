/**
 * The AsyncAPI 3 document of the events, for producers: one channel and one message per entry of the catalogue, with schemas, headers and examples.
 */
import { CATALOGUE, type CatalogueEntry } from './catalogue.ts'
import { MAX_MESSAGE_BYTES } from './event-envelope.ts'
import { EVENT_SCHEMAS, exampleData, type Schema } from './event-schemas.ts'
import { MAX_VALUES } from './value-limit.ts'

const DESCRIPTION = `Events that the analytics service consumes from NATS JetStream. There is one subject per event type.

**Delivery.** Publish with a JetStream acknowledgement and repeat the message, with the same id, until the broker acknowledges it. An acknowledged event is counted
exactly once, or becomes a dead letter with a reason.

**Identity.** An event is identified within its tenant by \`eventId\`, else by the header \`Nats-Msg-Id\`, else by its position in the stream. Events with the same identity are
counted once; the one that is stored first wins. Always send an id: an event without one that is published twice is counted twice. Include the tenant in \`Nats-Msg-Id\`, because
JetStream compares that header across all tenants of a stream.

**Limits.** A message has at most ${MAX_MESSAGE_BYTES.toLocaleString('en')} bytes and ${MAX_VALUES.toLocaleString('en')} JSON values.

**Rejections.** An invalid event goes to the stream \`ANALYTICS_DEAD\` on the subject \`analytics.dead.<reason>\`, with its original bytes and with headers that name the original
subject, sequence and reason.`

const HEADERS: Schema = {
  type: 'object',
  properties: {
    'Nats-Msg-Id': {
      type: 'string',
      description:
        'Identifies the event when `eventId` is absent. JetStream also drops repeats of it within its deduplication window. Include the tenant.',
      examples: ['tenant-1:4f5a1f0e-5a47-4c53-9c5d-6c2f3c4b7a10'],
    },
  },
}

/** The last token of a subject with a wildcard is a parameter of its channel. */
const WILDCARD_PARAMETER = 'kind'
const WILDCARD_EXAMPLES = ['started', 'completed', 'replied', 'exited', 'unsubscribed', 'bounced']

export interface AsyncApiDocument {
  readonly asyncapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly defaultContentType: string
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<Record<string, object>>
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>
    readonly schemas: Readonly<Record<string, Schema>>
  }
}

interface Channel {
  readonly address: string
  readonly title: string
  readonly messages: Readonly<Record<string, Reference>>
  readonly parameters?: Readonly<Record<string, { readonly description: string; readonly examples: readonly string[] }>>
}

export interface Message {
  readonly name: string
  readonly title: string
  readonly headers: Reference
  readonly payload: Schema
  readonly examples: readonly { readonly name: string; readonly headers: object; readonly payload: object }[]
}

interface Reference {
  readonly $ref: string
}

/** Describes every entry of the catalogue. The result is plain JSON and equal at every call. */
export function createAsyncApiDocument(): AsyncApiDocument {
  const byName = <Value>(describe: (entry: CatalogueEntry, name: string) => Value) =>
    Object.fromEntries(
      CATALOGUE.map((entry) => {
        const name = nameOf(entry)
        return [name, describe(entry, name)]
      }),
    )
  return {
    asyncapi: '3.0.0',
    info: { title: 'Outreach Analytics events', version: '1.0.0', description: DESCRIPTION },
    defaultContentType: 'application/json',
    channels: byName(describeChannel),
    operations: Object.fromEntries(
      CATALOGUE.map((entry) => [`receive_${nameOf(entry)}`, describeOperation(entry, nameOf(entry))]),
    ),
    components: { messages: byName(describeMessage), schemas: { ...EVENT_SCHEMAS, Headers: HEADERS } },
  }
}

function describeChannel({ subject }: CatalogueEntry, name: string): Channel {
  const hasWildcard = subject.endsWith('*')
  return {
    address: hasWildcard ? `${subject.slice(0, -1)}{${WILDCARD_PARAMETER}}` : subject,
    title: titleOf(name),
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    ...(hasWildcard && {
      parameters: {
        [WILDCARD_PARAMETER]: {
          description:
            'The last part of the event type: 1 to 64 characters of `a-z 0-9 _`. The dashboards evaluate the examples; other kinds are stored as well.',
          examples: WILDCARD_EXAMPLES,
        },
      },
    }),
  }
}

function describeOperation({ entityType }: CatalogueEntry, name: string): object {
  return {
    action: 'receive',
    title: titleOf(name),
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    tags: [{ name: entityType }],
  }
}

function describeMessage(entry: CatalogueEntry, name: string): Message {
  return {
    name,
    title: titleOf(name),
    headers: { $ref: '#/components/schemas/Headers' },
    payload: {
      type: 'object',
      required: ['tenantId', 'timestamp', 'data'],
      properties: {
        eventId: { $ref: '#/components/schemas/EventId' },
        tenantId: { $ref: '#/components/schemas/TenantId' },
        timestamp: { $ref: '#/components/schemas/Timestamp' },
        data: { allOf: [{ $ref: '#/components/schemas/EventData' }, entityIdSchema(entry)] },
      },
    },
    examples: [
      {
        name: 'event',
        headers: { 'Nats-Msg-Id': `tenant-1:${name}-1` },
        payload: {
          eventId: `${name}-1`,
          tenantId: 'tenant-1',
          timestamp: '2026-01-27T10:15:30.123Z',
          data: exampleData(entry),
        },
      },
    ],
  }
}

/** At least one of the fields that identify the entity is required. */
function entityIdSchema({ entityIdFields }: CatalogueEntry): Schema {
  const alternatives = entityIdFields.map((field) => ({
    required: [field],
    properties: { [field]: { $ref: '#/components/schemas/EntityId' } },
  }))
  return alternatives.length === 1 ? alternatives[0]! : { anyOf: alternatives }
}

/** The event type; of an entry with a wildcard, what all of its event types begin with. */
function nameOf({ eventType }: CatalogueEntry): string {
  return eventType.replace(/_$/, '')
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}

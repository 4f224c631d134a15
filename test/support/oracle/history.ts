import { type SampleEvent, slowBounceClass, slowDomain, slowVerdict } from './messages/message-classes.ts'
import { evidenceOf } from './messages/message-inputs.ts'

export interface Envelope {
  readonly eventId?: string
  readonly tenantId: string
  readonly timestamp: string | number
  readonly correlationId?: string
  readonly data: Readonly<Record<string, unknown>>
}

/** One published event. */
export type Published = readonly [subject: string, envelope: Envelope, headers?: Readonly<Record<string, string>>]

export type Kind = 'campaign' | 'workflow' | 'sequence' | 'template'

export interface Row {
  /** As in the event_type column, but a run that completed with status `failed` is already a `workflow_run_failed`. */
  readonly type: string
  readonly atMs: number
  readonly channel: string | undefined
  readonly contact: string | undefined
  readonly campaign: string | undefined
  readonly workflow: string | undefined
  readonly sequence: string | undefined
  readonly template: string | undefined
  readonly enrollment: string | undefined
  readonly step: number | undefined
  readonly sourceType: string | undefined
  readonly data: Envelope['data']
}

/** A message with its first sending and all of its events. */
export interface SentMessage {
  readonly sending: Row
  /** The rows of the events. */
  readonly rows: readonly Row[]
  readonly events: readonly SampleEvent[]
}

/** The data from which all dashboards of one tenant can be calculated. */
export interface History {
  readonly rows: readonly Row[]
  /** The messages that were sent. */
  readonly messages: readonly SentMessage[]
  /** The class of an open or click. */
  classOf(row: Row): string
  /** The newest name, or the id when there is none. */
  nameOf(kind: Kind, id: string): string
}

/** The distinct valid events of one tenant, and the names in them. */
export function historyOf(published: readonly Published[], tenant: string): History {
  const seen = new Set<string>()
  const rows: Row[] = []
  const messages = new Map<string, { readonly row: Row; readonly event: SampleEvent }[]>()
  const names = new Map<string, { readonly atMs: number; readonly name: string }>()
  for (const [subject, envelope, headers] of published) {
    if (envelope.tenantId !== tenant) continue
    const identity = envelope.eventId ?? headers?.['Nats-Msg-Id']
    if (identity !== undefined) {
      if (seen.has(identity)) continue
      seen.add(identity)
    }
    const row = rowOf(subject, envelope)
    rows.push(row)
    const messageId = row.type.startsWith('message_') ? text(envelope.data['messageId']) : undefined
    if (messageId !== undefined) {
      const event = { id: identity ?? '', kind: row.type.slice(8), at: row.atMs, data: envelope.data }
      messages.set(messageId, [...(messages.get(messageId) ?? []), { row, event }])
    }
    for (const [kind, id, name] of namesIn(subject, envelope.data, row)) {
      const key = `${kind} ${id}`
      const known = names.get(key)
      if (!known || row.atMs >= known.atMs) names.set(key, { atMs: row.atMs, name })
    }
  }
  const sent = [...messages.values()].flatMap((events) => {
    const [first] = events.filter(({ event }) => event.kind === 'sent').toSorted((a, b) => a.row.atMs - b.row.atMs)
    return first
      ? [{ sending: first.row, rows: events.map(({ row }) => row), events: events.map(({ event }) => event) }]
      : []
  })
  const verdicts = new Map<Row, string>()
  const eventsOfRow = new Map(
    [...messages.values()].flatMap((events) => events.map(({ row }) => [row, events] as const)),
  )
  const classOf = (row: Row) => {
    const known = verdicts.get(row)
    if (known !== undefined) return known
    const events = eventsOfRow.get(row) ?? []
    const { event } = events.find((each) => each.row === row)!
    const [found = ''] = slowVerdict(
      event,
      events.map((each) => each.event),
    ).split(' ')
    verdicts.set(row, found)
    return found
  }
  return { rows, messages: sent, classOf, nameOf: (kind, id) => names.get(`${kind} ${id}`)?.name ?? id }
}

function rowOf(subject: string, { data, timestamp }: Envelope): Row {
  const idOf = (kind: Kind) =>
    text(data[`${kind}Id`]) ?? (data['sourceType'] === kind ? text(data['sourceId']) : undefined)
  const type = eventType(subject)
  const ids = { campaign: idOf('campaign'), workflow: idOf('workflow'), sequence: idOf('sequence') }
  const failed = type === 'workflow_run_completed' && data['status'] === 'failed'
  return {
    type: failed ? 'workflow_run_failed' : type,
    atMs: typeof timestamp === 'number' ? timestamp : Date.parse(timestamp),
    channel: text(data['channel']),
    contact: text(data['contactId']),
    ...ids,
    template: text(data['templateId']),
    enrollment: text(data['enrollmentId']),
    step: typeof data['stepNumber'] === 'number' ? data['stepNumber'] : undefined,
    sourceType: text(data['sourceType']) ?? Object.entries(ids).find(([, id]) => id !== undefined)?.[0],
    data,
  }
}

/** What only some events have, read again from what was sent. */
export function derivedValuesOf({ type, data }: Pick<Row, 'type' | 'data'>) {
  const isAction = type === 'message_opened' || type === 'message_clicked'
  return {
    recipientDomain: slowDomain(data),
    link: isAction ? (evidenceOf(data).link ?? null) : null,
    bounceClass: type === 'message_bounced' ? slowBounceClass(data) : null,
  }
}

/** `pipeline.message.sent` is message_sent; `workflow.run.goal_reached` is workflow_run_goal_reached. */
function eventType(subject: string): string {
  return subject.replace(/^pipeline\./, '').replaceAll('.', '_')
}

function namesIn(subject: string, data: Envelope['data'], row: Row): [Kind, string, string][] {
  const found: [Kind, string, string][] = []
  const add = (kind: Kind, id: string | undefined, name: unknown) => {
    if (id !== undefined && typeof name === 'string' && name !== '') found.push([kind, id, name])
  }
  for (const kind of ['campaign', 'workflow', 'sequence'] as const) {
    add(kind, row[kind], data[`${kind}Name`])
    if (subject.startsWith(`${kind}.`)) add(kind, row[kind], data['name'])
    if (data['sourceType'] === kind) add(kind, text(data['sourceId']), data['sourceName'])
  }
  add('template', row.template, data['templateName'])
  return found
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

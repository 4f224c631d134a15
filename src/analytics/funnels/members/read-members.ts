/** The members behind a number of a funnel. */
import { type Static, Type } from '@sinclair/typebox'
import { count, instant, object, text } from '../../schemas.ts'
import { formatInstant } from '../../time/buckets.ts'
import { AttemptFinder, EXCLUDED, NO_ATTEMPT } from '../attempts.ts'
import { isOpen, valueOf } from '../funnel-totals.ts'
import { type MemberSelection, OTHERS } from './member-request.ts'
import { type EntityEvents, type FunnelReading, type FunnelSource, readEntities } from '../read-events.ts'
import { messageChainOf } from '../facts/message-chain.ts'
import { readFactsMembers } from '../facts/read-facts-members.ts'
import type { FunnelQuery } from '../funnel-request.ts'
import { compareTexts } from '../../query/text-order.ts'
import { attemptRulesOf, readNumbers } from '../read-numbers.ts'
import { shownValues } from '../run-funnel.ts'

export const MemberItem = object(
  {
    id: text('The id of the message, contact, enrollment or run'),
    path: Type.Optional(text('The path of the message or contact below `/api/v1/analytics`, for `GET`')),
    enteredAt: instant('When its attempt began; of an excluded entity, its first one'),
    level: count('The number of steps that it reached'),
    steps: Type.Array(
      Type.Union([
        object(
          { at: instant('When it reached the step'), eventId: text('The id of the event') },
          'The event of a step.',
          'FunnelMemberStep',
        ),
        Type.Null(),
      ]),
      {
        description:
          'Of each step, the event with which it was reached; null where it was not. For the order `any`: the chosen events by time.',
      },
    ),
  },
  'A member of a funnel.',
  'FunnelMemberItem',
)
export type MemberItem = Static<typeof MemberItem>

export const FunnelMembersData = object(
  {
    members: Type.Array(MemberItem, { description: 'The latest entry first, ties by id.' }),
    count: count('The number of all members, on every page: that of the funnel'),
    cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'The `cursor` of the next page; null on the last one.',
    }),
  },
  'A page of members.',
  'FunnelMembers',
)

export interface MemberPosition {
  readonly enteredAt: number
  readonly id: string
}

export interface MemberPage {
  readonly members: readonly MemberItem[]
  readonly count: number
  /** The place of the last member; undefined on the last page. */
  readonly next: MemberPosition | undefined
}

export interface MemberPageRequest {
  readonly tenantId: string
  readonly until: number
  readonly limit: number
  readonly after: MemberPosition | undefined
}

/** Lists are cut to a page when they are this many times as long. */
const LIST_FACTOR = 4

/** A page of members. Rejects with a StoreFailure. */
export async function readMembers(
  source: FunnelSource,
  selection: MemberSelection,
  { tenantId, until, limit, after }: MemberPageRequest,
): Promise<MemberPage> {
  const { query } = selection
  const shown = selection.value === OTHERS ? await ownValues(source, tenantId, query, until) : []
  const isChosen = memberTest(selection, until, new Set(shown))
  const columns = messageChainOf(query)
  const facts = columns !== undefined && 'rules' in source.facts ? source.facts : undefined
  const known =
    facts &&
    (await readFactsMembers(source.port, {
      tenantId,
      selection,
      columns: columns!,
      facts,
      shown,
      enteredUntil: after?.enteredAt ?? until,
      limit: limit + 1,
    }))
  const reading: FunnelReading = { tenantId, query, until, needs: 'entities', among: known?.undecided }
  const finder = new AttemptFinder(attemptRulesOf(query, until))
  let found = (known?.latest ?? []).filter((position) => after === undefined || byEntry(position, after) > 0)
  let total = known?.count ?? 0
  await readEntities(source, reading, (events, from, to) => {
    const level = finder.find(events, from, to)
    if (level === NO_ATTEMPT || !isChosen(level, finder.chosen, events)) return
    total++
    const position = { enteredAt: events.times[finder.chosen[0]!]!, id: events.entityAt(from) }
    if (after !== undefined && byEntry(position, after) <= 0) return
    found.push(position)
    if (found.length > LIST_FACTOR * (limit + 1)) found = found.sort(byEntry).slice(0, limit + 1)
  })
  const page = found.sort(byEntry).slice(0, limit)
  const members = await readItems(source, { tenantId, query, until, entities: page.map(({ id }) => id) })
  return {
    members: page.flatMap(({ id }) => members.get(id) ?? []),
    count: total,
    next: found.length > limit ? page.at(-1) : undefined,
  }
}

function byEntry(a: MemberPosition, b: MemberPosition): number {
  return b.enteredAt - a.enteredAt || compareTexts(a.id, b.id)
}

type MemberTest = (level: number, chosen: ArrayLike<number>, events: EntityEvents) => boolean

function memberTest(
  { query, state, step, value, bucket }: MemberSelection,
  until: number,
  shown: ReadonlySet<unknown>,
): MemberTest {
  const stepCount = query.steps.length
  return (level, chosen, events) => {
    const enteredAt = events.times[chosen[0]!]!
    if (bucket && (enteredAt < bucket.start || enteredAt >= bucket.end)) return false
    if ((state === 'excluded') !== (level === EXCLUDED)) return false
    if (state === 'reached' && level <= step) return false
    if (state === 'droppedOff' && level !== step) return false
    if (state === 'open' && !isOpen(level, stepCount, enteredAt + query.windowMs, until)) return false
    if (value === undefined) return true
    const own = valueOf(query.breakdown!, chosen, level, events.values)
    return value === OTHERS ? own !== null && !shown.has(own) : own === value
  }
}

/** The values of the breakdown that have rows of their own. */
async function ownValues(source: FunnelSource, tenantId: string, query: FunnelQuery, until: number) {
  const { byValue } = await readNumbers(source, tenantId, query, until, [])
  return shownValues(byValue).filter((value) => value !== null)
}

/** The items of these entities, by their ids. */
async function readItems(
  source: FunnelSource,
  reading: Omit<FunnelReading, 'needs'>,
): Promise<ReadonlyMap<string, MemberItem>> {
  const items = new Map<string, MemberItem>()
  if (reading.entities!.length === 0) return items
  const { query, until } = reading
  const finder = new AttemptFinder(attemptRulesOf(query, until))
  await readEntities(source, { ...reading, needs: 'events' }, (events, from, to) => {
    const level = finder.find(events, from, to)
    if (level === NO_ATTEMPT) return
    const { chosen } = finder
    const id = events.entityAt(from)
    const path = pathOf(query.entity, id)
    items.set(id, {
      id,
      ...(path === undefined ? {} : { path }),
      enteredAt: formatInstant(events.times[chosen[0]!]!),
      level: Math.max(0, level),
      steps: query.steps.map((_, step) =>
        step < level ? { at: formatInstant(events.times[chosen[step]!]!), eventId: events.ids[chosen[step]!]! } : null,
      ),
    })
  })
  return items
}

function pathOf(entity: string, id: string): string | undefined {
  if (entity === 'message') return `/messages/${encodeURIComponent(id)}`
  return entity === 'contact' ? `/contacts/${encodeURIComponent(id)}` : undefined
}

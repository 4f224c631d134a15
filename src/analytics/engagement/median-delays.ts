/**
 * The exact medians of the times until people open and click, in two steps: a histogram of classes of delays says in which class the median lies, and then the delays of that
 * class alone are counted one by one. A histogram of all delays would have about as many values as messages.
 */
import { countsSql, DELAYS_BY_DAY, MESSAGE_FACTS } from '../query/roll-up.ts'
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import { keySql, type LateMessage, type MessagesRequest } from './late-messages.ts'

const KINDS = ['open', 'click'] as const
type Kind = (typeof KINDS)[number]

/** In seconds; null without a value. */
export type MedianDelays = Readonly<Record<Kind, number | null>>

const NO_MEDIANS: MedianDelays = { open: null, click: null }

export interface Medians {
  readonly total: MedianDelays
  of(key: string): MedianDelays
}

/** How often a delay or a class of delays occurs. */
interface CountedDelay {
  readonly kind: Kind
  readonly key: string
  readonly messages: number
}
interface ClassCount extends CountedDelay {
  readonly delay_class: number
}
interface LateDelay extends CountedDelay {
  readonly delay: number
}

/** The place of a median: its class, and its rank within the class, from 1. */
interface Target {
  readonly kind: Kind
  /** Undefined for all messages together. */
  readonly key: string | undefined
  readonly delayClass: number
  readonly rank: number
}

/** The exponent and the first 5 bits of the fraction of a delay as a 32-bit number: the classes ascend with the delays, 32 of them from one power of two to the next. Spelled as in the projections. */
const CLASS_SHIFT = 18
/** The classes from here on are those of negative numbers: of messages without such a delay. */
const NO_DELAY_CLASSES = 2 ** (31 - CLASS_SHIFT)
const classSql = (delay: string) => `bitShiftRight(reinterpretAsUInt32(toFloat32(${delay})), ${CLASS_SHIFT})`
const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

function classOf(delay: number): number {
  float[0] = delay
  return bits[0]! >>> CLASS_SHIFT
}

/** The number of messages by `key` and the alias of `valueSql`. A change of a message has removed its former delay with the sign -1. */
function histogramOf(kind: Kind, valueSql: string, { range, facts, column, filter }: MessagesRequest, condition = '') {
  const counts = countsSql({
    counted: MESSAGE_FACTS,
    rollUp: DELAYS_BY_DAY[kind],
    range,
    keys: [column, valueSql],
    counts: 'sum(sign) AS messages',
    rowsSql: '1',
    filter: ` AND rules = {rules:UInt32} AND ${classSql(`${kind}_delay`)} < ${NO_DELAY_CLASSES}${condition}${filter.sql}`,
  })
  const alias = valueSql.split(' AS ').at(-1)!
  return {
    sql: `SELECT '${kind}' AS kind, ${keySql(column)} AS key, ${alias}, messages FROM ${counts.sql}`,
    parameters: { ...counts.parameters, ...filter.parameters, rules: facts.rules },
  }
}

/** The first step: reads how many delays are in each class. */
export async function readDelayClasses(
  name: string,
  port: QueryPort,
  request: MessagesRequest,
): Promise<readonly ClassCount[]> {
  const parts = KINDS.map((kind) => histogramOf(kind, `${classSql(`${kind}_delay`)} AS delay_class`, request))
  const sql = `
  SELECT kind, key, delay_class, sum(messages) AS messages
  FROM (${parts.map((part) => part.sql).join('\n    UNION ALL ')})
  GROUP BY kind, key, delay_class`
  return port.query(request.tenantId, tenantQuery<ClassCount>(`${name}_delays`, sql, parts[0]!.parameters))
}

const LATE_DELAYS_SQL = `
    UNION ALL
    SELECT tupleElement(late, 1) AS kind, tupleElement(late, 2) AS key, tupleElement(late, 3) AS delay, tupleElement(late, 4) AS messages
    FROM (SELECT arrayJoin(arrayZip({lateKinds:Array(String)}, {lateKeys:Array(String)}, {lateDelays:Array(Int64)}, {lateCounts:Array(Int64)})) AS late)`

const mediansSql = (histograms: string) => `
  WITH arraySort(groupArray((delay, number))) AS counted
  SELECT kind, is_total, key,
    arrayFirst((each, until) -> until >= rank, counted, arrayCumSum(arrayMap(each -> each.2, counted))).1 AS median
  FROM (
    SELECT kind, arrayJoin([0, 1]) AS is_total, if(is_total = 1, '', group_key) AS key, delay_class, delay, sum(messages) AS number
    FROM (SELECT kind, key AS group_key, delay, ${classSql('delay')} AS delay_class, messages FROM (${histograms}))
    GROUP BY kind, is_total, key, delay_class, delay
  ) AS delays
  INNER JOIN (
    SELECT tupleElement(target, 1) AS kind, tupleElement(target, 2) AS is_total, tupleElement(target, 3) AS key, tupleElement(target, 4) AS delay_class, tupleElement(target, 5) AS rank
    FROM (SELECT arrayJoin(arrayZip({kinds:Array(String)}, {totals:Array(UInt8)}, {keys:Array(String)}, {classes:Array(UInt32)}, {ranks:Array(Int64)})) AS target)
  ) AS targets USING (kind, is_total, key, delay_class)
  GROUP BY kind, is_total, key, rank`

/** The second step: reads the medians of all messages together and by key. Late messages count as they are without their late events. */
export async function readMedians(
  name: string,
  port: QueryPort,
  request: MessagesRequest,
  stored: readonly ClassCount[],
  late: readonly LateMessage[],
): Promise<Medians> {
  const lateDelays = lateDelaysOf(late)
  const lateClasses = lateDelays.map(({ delay, ...rest }) => ({ ...rest, delay_class: classOf(delay) }))
  const targets = targetsOf([...stored, ...lateClasses])
  const medians = new Map<string | undefined, MedianDelays>()
  if (targets.length > 0) {
    const parts = KINDS.map((kind) =>
      histogramOf(
        kind,
        `${kind}_delay AS delay`,
        request,
        ` AND ${classSql(`${kind}_delay`)} IN {classes:Array(UInt32)}`,
      ),
    )
    const sql = mediansSql(
      parts.map((part) => part.sql).join('\n    UNION ALL ') + (late.length > 0 ? LATE_DELAYS_SQL : ''),
    )
    const parameters = {
      ...parts[0]!.parameters,
      kinds: targets.map(({ kind }) => kind),
      totals: targets.map(({ key }) => (key === undefined ? 1 : 0)),
      keys: targets.map(({ key = '' }) => key),
      classes: targets.map(({ delayClass }) => delayClass),
      ranks: targets.map(({ rank }) => rank),
      ...(late.length > 0
        ? {
            lateKinds: lateDelays.map(({ kind }) => kind),
            lateKeys: lateDelays.map(({ key }) => key),
            lateDelays: lateDelays.map(({ delay }) => delay),
            lateCounts: lateDelays.map(({ messages }) => messages),
          }
        : {}),
    }
    for (const { kind, is_total, key, median } of await port.query(
      request.tenantId,
      tenantQuery<{ kind: Kind; is_total: number; key: string; median: number }>(`${name}_medians`, sql, parameters),
    )) {
      const medianKey = is_total === 1 ? undefined : key
      medians.set(medianKey, { ...(medians.get(medianKey) ?? NO_MEDIANS), [kind]: median / 1_000 })
    }
  }
  return { total: medians.get(undefined) ?? NO_MEDIANS, of: (key) => medians.get(key) ?? NO_MEDIANS }
}

/** The delays that do not count, removed, and those that do. */
function lateDelaysOf(late: readonly LateMessage[]): LateDelay[] {
  return late.flatMap(({ key, weight, stored, counted }) =>
    KINDS.flatMap((kind) =>
      [
        { kind, key, delay: stored[`${kind}Delay`], messages: -weight },
        { kind, key, delay: counted[`${kind}Delay`], messages: weight },
      ].filter(({ delay }) => delay >= 0),
    ),
  )
}

/** Where the medians lie: of an even number at the lower of the two middle ones. */
function targetsOf(counts: readonly ClassCount[]): Target[] {
  const histograms = new Map<string, { kind: Kind; key: string | undefined; classes: Map<number, number> }>()
  for (const { kind, key, delay_class, messages } of counts)
    for (const ofKey of [undefined, key]) {
      const name = ofKey === undefined ? kind : `${kind} ${ofKey}`
      const histogram = histograms.get(name) ?? { kind, key: ofKey, classes: new Map<number, number>() }
      histograms.set(name, histogram)
      histogram.classes.set(delay_class, (histogram.classes.get(delay_class) ?? 0) + messages)
    }
  return [...histograms.values()].flatMap(({ kind, key, classes }) => {
    let rank = Math.ceil([...classes.values()].reduce((sum, messages) => sum + messages, 0) / 2)
    if (rank === 0) return []
    for (const [delayClass, messages] of [...classes].toSorted(([a], [b]) => a - b)) {
      if (rank <= messages) return [{ kind, key, delayClass, rank }]
      rank -= messages
    }
    // The queries do not read at one instant: a message that changed in between can be missing from the classes.
    return []
  })
}

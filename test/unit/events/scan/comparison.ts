/** Compares the scanner with the general path: what it appends has to be the same, byte for byte. */
import {
  NumberColumn,
  SymbolColumn,
  TextColumn,
  TimeColumn,
  UuidColumn,
} from '../../../../src/events/block/block-columns.ts'
import { ByteInterner } from '../../../../src/events/block/byte-interner.ts'
import { EventBlock } from '../../../../src/events/block/event-block.ts'
import { findEventDefinition } from '../../../../src/events/catalogue.ts'
import { parseEventEnvelope } from '../../../../src/events/event-envelope.ts'
import { normaliseEvent, type NormalisedEvent } from '../../../../src/events/normalise/normalise-event.ts'
import { Rejection } from '../../../../src/events/rejection.ts'
import type { EventScanner, MessageIdentity } from '../../../../src/events/scan/event-scanner.ts'

export interface ScanCase extends MessageIdentity {
  readonly subject: string
  readonly message: Uint8Array
  readonly now: number
}

export interface Comparison {
  events: number
  /** The events that the scanner appended. */
  scanned: number
  /** The messages for which the two differ. */
  readonly differences: string[]
}

/** After this many rows a new block begins, as the selection of names takes time in proportion to the block. */
const BLOCK_ROWS = 100
const MAX_DIFFERENCES = 5

/** Ends early after some differences. */
export function compareScans(scanner: EventScanner, cases: Iterable<ScanCase>): Comparison {
  const comparison: Comparison = { events: 0, scanned: 0, differences: [] }
  let [scanned, normalised] = [new EventBlock(), new EventBlock()]
  for (const scanCase of cases) {
    comparison.events++
    const isScanned = scanner.scan(scanCase.message, definitionOf(scanCase), scanCase.now)
    if (!isScanned) continue
    comparison.scanned++
    const difference = compareEvent(scanner, scanCase, scanned, normalised)
    if (difference !== undefined) {
      comparison.differences.push(`${scanCase.subject} ${new TextDecoder().decode(scanCase.message)}: ${difference}`)
      if (comparison.differences.length === MAX_DIFFERENCES) return comparison
    }
    if (difference !== undefined) [scanned, normalised] = [new EventBlock(), new EventBlock()]
    if (scanned.length < BLOCK_ROWS) continue
    // As the buffer uses a block again.
    scanned.clear()
    normalised = new EventBlock()
  }
  return comparison
}

function compareEvent(
  scanner: EventScanner,
  scanCase: ScanCase,
  scanned: EventBlock,
  normalised: EventBlock,
): string | undefined {
  const event = normalise(scanCase)
  if (event instanceof Rejection) return `it is rejected as ${event.reason}`
  const { occurredAt } = scanner
  const tenantIds = new ByteInterner()
  const tenantId = tenantIds.text(scanner.tenantIn(tenantIds))
  if (tenantId !== event.row.tenant_id || occurredAt !== event.row.occurred_at)
    return `the scanner has the tenant ${tenantId} and the instant ${occurredAt}`
  normalised.append(event.row, event.names)
  scanner.append(scanned, scanCase)
  return differenceOf(scanned, normalised)
}

/** The general path. */
function normalise(scanCase: ScanCase): NormalisedEvent | Rejection {
  const envelope = parseEventEnvelope(scanCase.message)
  if (envelope instanceof Rejection) return envelope
  const { messageId, now, origin } = scanCase
  return normaliseEvent(envelope, { definition: definitionOf(scanCase), position: origin, messageId, now })
}

/** The difference of the last rows of two blocks, with their names. */
function differenceOf(scanned: EventBlock, normalised: EventBlock): string | undefined {
  if (scanned.length !== normalised.length) return `${scanned.length} rows instead of ${normalised.length}`
  const row = scanned.length - 1
  for (const [name, column] of Object.entries(scanned.columns)) {
    const [found, expected] = [column, normalised.columns[name as keyof typeof normalised.columns]].map((each) =>
      describeValue(each, row),
    )
    if (found !== expected) return `${name} is ${found} instead of ${expected}`
  }
  const [found, expected] = [scanned, normalised].map((block) =>
    JSON.stringify(block.namesOf(Uint32Array.of(row)).observations()),
  )
  return found === expected ? undefined : `the names are ${found} instead of ${expected}`
}

type Column = EventBlock['columns'][keyof EventBlock['columns']]

/** The stored bytes of a value as a text. */
function describeValue(column: Column, row: number): string {
  if (column instanceof TextColumn)
    return column.nulls[row] === 1 ? 'null' : textOf(column.bytes.subarray(column.start(row), column.ends[row]))
  if (column instanceof UuidColumn) return textOf(column.bytes.subarray(row * 16, row * 16 + 16))
  if (column instanceof SymbolColumn)
    return `${column.indexes[row]} ${textOf(column.symbols.bytes(column.indexes[row]!))}`
  if (column instanceof NumberColumn) return `${column.nulls[row]} ${column.values[row]}`
  if (column instanceof TimeColumn) return String(column.values[row])
  throw new Error('The column has another class.')
}

/** One character per byte. */
function textOf(bytes: Uint8Array): string {
  return `'${String.fromCharCode(...bytes)}'`
}

function definitionOf({ subject }: ScanCase) {
  const definition = findEventDefinition(subject)
  if (!definition) throw new Error(`The subject ${subject} is not in the catalogue.`)
  return definition
}

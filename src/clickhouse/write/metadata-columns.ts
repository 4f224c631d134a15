/** The columns of events that say what `metadata` contains, for the rows of a block. */
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { ColumnValues, METADATA_COLUMNS } from '../../events/columns.ts'
import type { JsonObject } from '../../events/event-envelope.ts'
import { INPUT_NAMES } from '../../events/input-names.ts'
import { BOUNCE_FIELDS, bounceClassOf } from '../../messages/bounce-class.ts'
import { linkOf } from '../../messages/classes/class-inputs.ts'
import { type MessageEventKind, messageEventKind } from '../../messages/message-event.ts'
import { DATA_PREFIX } from '../../messages/metadata-fields.ts'
import { FieldPicker, NO_FIELDS } from '../../messages/picked-fields.ts'
import { recipientDomainOf } from '../../messages/recipient-domain.ts'

type Column = (typeof METADATA_COLUMNS)[number]
export type MetadataValues = { readonly [Each in Column as Each['name']]: ColumnValues[Each['type']] }

/** That of `{}`. */
const EMPTY_LENGTH = 2
const NO_VALUES: MetadataValues = { recipient_domain: null, link: null, bounce_class: null }
const NO_BOUNCE_FIELDS: MetadataValues = { ...NO_VALUES, bounce_class: bounceClassOf({}) }

const pickerOf = (names: readonly string[]) => new FieldPicker(names.flatMap((name) => [name, DATA_PREFIX + name]))
const WITH_LINK = pickerOf([...INPUT_NAMES.recipient, ...INPUT_NAMES.link])
const WITH_BOUNCE = pickerOf([...INPUT_NAMES.recipient, ...BOUNCE_FIELDS])
const RECIPIENT = pickerOf(INPUT_NAMES.recipient)

/** The values of the rows, in their order. They depend on nothing but the event. */
export function readMetadataValues(events: EventBlock, rows: RowIndexes): MetadataValues[] {
  const { event_type, metadata } = events.columns
  const { symbols, indexes } = event_type
  const kinds = Array.from({ length: symbols.size }, (_, symbol) => messageEventKind(symbols.text(symbol)))
  const values: MetadataValues[] = []
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    const kind = kinds[indexes[row]!]
    const from = metadata.start(row)
    const to = metadata.ends[row]!
    values.push(
      to - from === EMPTY_LENGTH ? valuesOf(kind, NO_FIELDS) : valuesOf(kind, pick(kind, metadata.bytes, from, to)),
    )
  }
  return values
}

function pick(kind: MessageEventKind | undefined, bytes: Uint8Array, from: number, to: number): JsonObject {
  const picker = hasLink(kind) ? WITH_LINK : kind === 'bounced' ? WITH_BOUNCE : RECIPIENT
  try {
    return picker.pick(bytes, from, to)
  } catch {
    // Never the metadata of a normalised event. No text may prevent an insert.
    return NO_FIELDS
  }
}

function valuesOf(kind: MessageEventKind | undefined, fields: JsonObject): MetadataValues {
  if (fields === NO_FIELDS) return kind === 'bounced' ? NO_BOUNCE_FIELDS : NO_VALUES
  return {
    recipient_domain: recipientDomainOf(fields)?.toWellFormed() ?? null,
    link: hasLink(kind) ? (linkOf(fields)?.toWellFormed() ?? null) : null,
    bounce_class: kind === 'bounced' ? bounceClassOf(fields) : null,
  }
}

function hasLink(kind: MessageEventKind | undefined): boolean {
  return kind === 'opened' || kind === 'clicked'
}

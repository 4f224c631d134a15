/** The messages of a search as a file. It is sent while it is read, page by page, so that its size does not matter. */
import { type MessageItem, messageSchema, toMessageItems } from '../../analytics/drill-down/messages/message-item.ts'
import type { MessagePosition } from '../../analytics/drill-down/messages/message-search.ts'
import { countCandidates, type MessageSelection } from '../../analytics/drill-down/messages/message-selection.ts'
import {
  isDecidedByStore,
  type MessagePage,
  type MessageSearch,
  type MessageSearchSource,
  searchMessages,
} from '../../analytics/drill-down/messages/search-messages.ts'
import { object } from '../../analytics/schemas.ts'
import { formatInstant, formatLocalDate } from '../../analytics/time/buckets.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { ApiFailure, ResponseReadTimeout } from '../../base/errors.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { type Column, columnsOf, headingOf } from '../export/columns.ts'
import { csvLines, csvText, type CsvStyle } from '../export/csv.ts'
import { csvStyleOf, type ExportParameters } from '../export/export-parameters.ts'
import { type ExportFormat, MEDIA_TYPES } from '../export/response-format.ts'
import type { Cell } from '../export/tables.ts'
import { writeWorkbook } from '../export/xlsx/workbook.ts'
import type { AuthenticatedContext } from '../pipeline/request-context.ts'
import { type DrillDownRead, type DrillDownServices, readLimited, type RouteContext } from './drill-down-services.ts'

/** The most messages in a file. */
const MAX_FILE_MESSAGES = 100_000
const FIRST_BATCH = 500
const BATCH = 2_500
/** The connection of a client that has not read a file after this time is closed. */
const MAX_SEND_MS = 600_000

export interface MessagesFile {
  readonly format: ExportFormat
  readonly search: MessageSearch
  readonly selection: MessageSelection
  readonly after: MessagePosition | undefined
  readonly parameters: ExportParameters
  readonly read: DrillDownRead
}

type Batch = readonly MessageItem[]

/** Sends the messages of a search. The first of them are read before the response begins, so that a failure until then is an error response. */
export async function sendMessagesFile(
  { set }: RouteContext,
  services: DrillDownServices,
  context: AuthenticatedContext,
  source: MessageSearchSource,
  file: MessagesFile,
): Promise<Response> {
  const { tenantId } = context.principal
  const release = await acquire(services, tenantId)
  try {
    const total = isDecidedByStore(file.search) ? await countCandidates(services.port, file.selection) : undefined
    const pages = readPages(services, context, source, file, total !== undefined)
    const first = await pages.next()
    const batches = itemBatches(services, tenantId, first, pages)
    const chunks =
      file.format === 'csv' ? csvChunks(batches, csvStyleOf(file.parameters)) : workbookChunks(batches, file)
    Object.assign(set.headers, services.limits.headers(tenantId))
    return new Response(streamOf(chunks, services, release), { headers: headersOf(file, total) })
  } catch (error) {
    release()
    throw error
  }
}

/** Resolves when the tenant may have a file written, with the function that ends it. */
async function acquire({ exportQueue }: DrillDownServices, tenantId: string): Promise<() => void> {
  if (!exportQueue) return () => {}
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  exportQueue
    .run(tenantId, () => {
      started.resolve()
      return ended.promise
    })
    .catch(started.reject)
  await started.promise
  return ended.resolve
}

/** Throws when the file would end before the last message of the search, unless a header says so. */
async function* readPages(
  services: DrillDownServices,
  context: AuthenticatedContext,
  source: MessageSearchSource,
  { search, selection, after, read }: MessagesFile,
  isTotalKnown: boolean,
): AsyncGenerator<MessagePage> {
  let place = after
  let count = 0
  do {
    const limit = Math.min(count === 0 ? FIRST_BATCH : BATCH, MAX_FILE_MESSAGES - count)
    const position = place
    const page = await readLimited(services, context, read, () =>
      searchMessages(source, search, selection, { limit, after: position }),
    )
    count += page.messages.length
    const isFull = count >= MAX_FILE_MESSAGES
    if (page.next && isFull && !isTotalKnown) throw tooManyMessages()
    place = isFull ? undefined : page.next
    yield page
  } while (place)
}

function tooManyMessages(): ApiFailure {
  return new ApiFailure(
    'VALIDATION_ERROR',
    `The search has more than ${MAX_FILE_MESSAGES} messages, the most that a file holds. Ask for a shorter range or add conditions.`,
  )
}

async function* itemBatches(
  { port }: DrillDownServices,
  tenantId: string,
  first: IteratorResult<MessagePage>,
  pages: AsyncGenerator<MessagePage>,
): AsyncGenerator<Batch> {
  for (let next = first; !next.done; next = await pages.next())
    yield await toMessageItems(port, tenantId, next.value.messages)
}

async function* csvChunks(batches: AsyncIterable<Batch>, style: CsvStyle): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const keys = COLUMNS.map(({ key }) => key)
  yield encoder.encode(csvText(keys, [], style))
  for await (const batch of batches) yield encoder.encode(csvLines(rowsOf(batch), style))
}

function workbookChunks(batches: AsyncIterable<Batch>, { read }: MessagesFile): AsyncGenerator<Uint8Array> {
  const { range, zoneName, now } = read
  const about: readonly (readonly [Column, Cell])[] = [
    [{ key: 'start', heading: headingOf('start'), kind: 'instant' }, formatInstant(range!.start)],
    [{ key: 'end', heading: headingOf('end'), kind: 'instant' }, formatInstant(range!.end)],
    [{ key: 'timezone', heading: headingOf('timezone'), kind: 'text' }, zoneName],
    [{ key: 'asOf', heading: headingOf('asOf'), kind: 'instant' }, new Date(now).toISOString()],
  ]
  const tables = [
    { name: 'messages', columns: COLUMNS, batches: rowBatches(batches) },
    { name: 'about', columns: about.map(([column]) => column), rows: [about.map(([, cell]) => cell)] },
  ]
  return writeWorkbook(tables, { timezone: zoneName, modified: new Date(now), slices: new TimeSlices() })
}

async function* rowBatches(batches: AsyncIterable<Batch>): AsyncGenerator<Iterable<readonly Cell[]>> {
  for await (const batch of batches) yield rowsOf(batch)
}

function* rowsOf(batch: Batch): Generator<readonly Cell[]> {
  for (const message of batch) yield COLUMNS.map(({ key }) => message[key as keyof MessageItem])
}

/** Those of the items, whose values may be null. */
const COLUMNS: readonly Column[] = columnsOf(
  object(
    Object.fromEntries(
      Object.entries(messageSchema.properties).map(([name, schema]) => [
        name,
        'anyOf' in schema ? schema.anyOf[0] : schema,
      ]),
    ),
    '',
  ),
  'day',
)

/** The number of messages of the search, of which a file holds the newest. */
const TOTAL_HEADER = 'x-total-messages'

function headersOf(
  { format, read: { range, zoneName } }: MessagesFile,
  total: number | undefined,
): Record<string, string> {
  const zone = requireTimeZone(zoneName)
  const days = [range!.start, range!.end].map((instant) => formatLocalDate(instant, zone))
  return {
    'content-type': format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.xlsx,
    ...(total === undefined ? {} : { [TOTAL_HEADER]: String(total) }),
    'content-disposition': `attachment; filename="${['outreach', 'messages', ...days].join('-')}.${format}"`,
  }
}

/** Reads on only when the client has taken what was sent. `onEnd` is called once, whether the client reads the whole file or not. */
function streamOf(
  chunks: AsyncGenerator<Uint8Array>,
  { clock }: DrillDownServices,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let cancelDeadline = () => {}
  const end = () => {
    cancelDeadline()
    onEnd()
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        cancelDeadline = clock.after(MAX_SEND_MS, () => {
          end()
          controller.error(new ResponseReadTimeout('The client did not read the response in time.'))
        })
      },
      async pull(controller) {
        try {
          const { done, value } = await chunks.next()
          if (!done) return controller.enqueue(value)
          end()
          controller.close()
        } catch (error) {
          end()
          controller.error(error)
        }
      },
      async cancel() {
        end()
        await chunks.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { EventItem } from '../../../analytics/drill-down/event-item.ts'
import type { MessageItem } from '../../../analytics/drill-down/messages/message-item.ts'
import { apiPath } from '../../api/api-client.ts'
import type { Column } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { Note } from '../../components/note.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { formatCount } from '../../format/numbers.ts'
import { useApp } from '../../state/app.ts'
import { describeConditions, describeSearch } from '../describe-drill.ts'
import { DrillDownloads } from '../drill-downloads.tsx'
import { DrillError } from '../drill-error.tsx'
import { DrillHeading, type DrillPageProps } from '../drill-heading.tsx'
import { NewerNotice } from '../newer-notice.tsx'
import { EVENTS_PATH, formatShownDrill, MESSAGES_PATH, type ShownDrill } from '../drill-state.ts'
import { eventColumns } from './event-columns.ts'
import { messageColumns } from './message-columns.ts'
import { NO_SUMMARY, readSummary } from './search-summary.ts'
import { texts } from '../texts/texts.ts'
import { type ListPage, usePages } from './use-pages.ts'

interface DrillListProps extends DrillPageProps {
  readonly drill: ShownDrill
}

type Row = MessageItem | EventItem

const PAGE_ROWS = 100

/** The messages or events behind a number as a table, page by page, and as files. */
export function DrillList({ drill, heading }: DrillListProps) {
  const { api, address } = useApp()
  const { zone } = address.viewState.value
  const { path, body } = drill
  const { emptyMessages, emptyEvents } = texts()
  const isOfMessages = path === MESSAGES_PATH
  const key = formatShownDrill(drill)
  const pages = usePages<Row>(key, async (cursor, signal): Promise<ListPage<Row>> => {
    const search = { limit: PAGE_ROWS, ...body, ...(cursor !== null && { cursor }) }
    if (path === EVENTS_PATH) {
      const { data } = await api.read<EventPage>(apiPath('events/search', {}), signal, search)
      return { rows: data.events, cursor: data.cursor, newer: data.newer }
    }
    const { data } = await api.read<MessagePage>(apiPath('messages/search', {}), signal, search)
    return { rows: data.messages, cursor: data.cursor }
  })
  const { page, isLoading, error } = pages.loaded.value
  const summary = useSignal(NO_SUMMARY)
  useEffect(() => {
    const abort = new AbortController()
    void readSummary(api, drill, abort.signal).then((read) => (summary.value = read))
    return () => abort.abort()
  }, [key, page === undefined])
  // All rows are here, or the registry knows their number.
  const count = page?.cursor === null ? page.rows.length : summary.value.count
  const names = new Map([...summary.value.names, ...(page ? namesOf(page.rows) : [])])
  const title = describeSearch(drill, count)
  return (
    <>
      <DrillHeading
        heading={heading}
        title={title}
        parts={describeConditions(drill, zone, (dimension, id) => names.get(`${dimension} ${id}`))}
      >
        {isOfMessages && page && page.rows.length > 0 && <DrillDownloads drill={drill} />}
      </DrillHeading>
      {error !== undefined && !page && <DrillError error={error} kind="search" onRetry={() => pages.reload()} />}
      {!page && error === undefined && <Skeleton cardCount={0} />}
      {page && (
        <section class="card drill-list" aria-busy={isLoading}>
          <NewerNotice count={page.newer} onShow={() => pages.reload()} />
          {isOfMessages ? (
            <DataTable<MessageItem>
              id="drill-messages"
              caption={title}
              rows={page.rows as readonly MessageItem[]}
              columns={filledColumns(messageColumns(zone), page.rows as readonly MessageItem[])}
              rowKey={({ messageId }) => messageId}
              linkTo={({ messageId }) => ({ opened: { kind: 'message', id: messageId } })}
              emptyText={emptyMessages}
            />
          ) : (
            <DataTable<EventItem>
              id="drill-events"
              caption={title}
              rows={page.rows as readonly EventItem[]}
              columns={filledColumns(eventColumns(zone), page.rows as readonly EventItem[])}
              rowKey={({ id }) => id!}
              linkTo={openedBy}
              emptyText={emptyEvents}
            />
          )}
          <MoreRows
            shown={page.rows.length}
            count={count}
            hasMore={page.cursor !== null}
            isLoading={isLoading}
            onMore={() => pages.more()}
          />
          {error !== undefined && <DrillError error={error} kind="search" onRetry={() => pages.more()} />}
        </section>
      )}
    </>
  )
}

/** The columns, of which those without any value are shown only when the user chooses them. */
function filledColumns<Each>(columns: readonly Column<Each>[], rows: readonly Each[]): Column<Each>[] {
  return columns.map((column) => {
    const isEmpty = rows.length > 0 && rows.every((row) => column.value(row) === null)
    return isEmpty ? { ...column, isOptional: true } : column
  })
}

interface EventPage {
  readonly events: readonly EventItem[]
  readonly cursor: string | null
  readonly newer: number
}

interface MessagePage {
  readonly messages: readonly MessageItem[]
  readonly cursor: string | null
}

interface MoreRowsProps {
  readonly shown: number
  readonly count: number | undefined
  readonly hasMore: boolean
  readonly isLoading: boolean
  readonly onMore: () => void
}

/** How much of a list is shown, and the button that shows more. */
export function MoreRows({ shown, count, hasMore, isLoading, onMore }: MoreRowsProps) {
  const { partial, partialOf, more, loadingMore } = texts()
  if (!hasMore) return null
  const isCountUseful = count !== undefined && count > shown
  return (
    <div class="drill-more">
      <Note>{isCountUseful ? partialOf(formatCount(shown), formatCount(count)) : partial(formatCount(shown))}</Note>
      <button type="button" class="button" aria-disabled={isLoading} onClick={onMore}>
        {isLoading ? loadingMore : more}
      </button>
    </div>
  )
}

/** The timeline that an event belongs to. */
function openedBy({ entityType, entityId, contactId }: EventItem) {
  if (entityType === 'message') return { opened: { kind: 'message', id: entityId! } as const }
  return contactId ? { opened: { kind: 'contact', id: contactId } as const } : undefined
}

/** The names that messages have for what they were sent for. */
function namesOf(rows: readonly Row[]): [string, string][] {
  return rows.flatMap((row): [string, string][] =>
    'messageId' in row
      ? (['campaign', 'workflow', 'sequence', 'template'] as const).flatMap((kind): [string, string][] => {
          const id = row[`${kind}Id`]
          const name = row[`${kind}Name`]
          return id === null || name === null ? [] : [[`${kind} ${id}`, name]]
        })
      : [],
  )
}

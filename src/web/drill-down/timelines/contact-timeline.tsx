import type { EventItem } from '../../../analytics/drill-down/event-item.ts'
import { apiPath } from '../../api/api-client.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { Note } from '../../components/note.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { useApp } from '../../state/app.ts'
import { type ContactGroup, joinGroups } from './contact-groups.ts'
import { DrillError } from '../drill-error.tsx'
import { MoreRows } from '../list/drill-list.tsx'
import { DrillHeading, type DrillPageProps } from '../drill-heading.tsx'
import { NewerNotice } from '../newer-notice.tsx'
import { EventEntry } from './event-entry.tsx'
import { textOf, texts } from '../texts/texts.ts'
import { usePages } from '../list/use-pages.ts'

interface ContactTimelineProps extends DrillPageProps {
  readonly id: string
}

interface ContactData {
  readonly groups: readonly ContactGroup[]
  readonly cursor: string | null
  readonly newer: number
}

/** The events of one contact by what they are about, the newest first. */
export function ContactTimeline({ id, heading }: ContactTimelineProps) {
  const { api, address } = useApp()
  const { zone } = address.viewState.value
  const { kinds, contactRange, noContactEvents } = texts()
  const pages = usePages<ContactGroup>(`contact ${id} ${zone}`, async (cursor, signal) => {
    const parameters = { timeRange: '90d', timezone: zone, cursor: cursor ?? undefined }
    const path = apiPath(`contacts/${encodeURIComponent(id)}`, parameters)
    const { data } = await api.read<ContactData>(path, signal)
    return { rows: data.groups, cursor: data.cursor, newer: data.newer }
  })
  const { page, isLoading, error } = pages.loaded.value
  const groups = page ? joinGroups(page.rows) : []
  const eventCount = groups.reduce((sum, { events }) => sum + events.length, 0)
  return (
    <>
      <DrillHeading heading={heading} title={`${kinds.contact} ${id}`} parts={[contactRange]} />
      {error !== undefined && !page && <DrillError error={error} kind="contact" onRetry={() => pages.reload()} />}
      {!page && error === undefined && <Skeleton cardCount={0} />}
      {page && (
        <div class="timeline-page" aria-busy={isLoading}>
          <NewerNotice count={page.newer} onShow={() => pages.reload()} />
          {groups.length === 0 && <Note>{noContactEvents}</Note>}
          {groups.map((group) => (
            <Group key={`${group.kind} ${group.id}`} group={group} zone={zone} />
          ))}
          <MoreRows
            shown={eventCount}
            count={undefined}
            hasMore={page.cursor !== null}
            isLoading={isLoading}
            onMore={() => pages.more()}
          />
          {error !== undefined && <DrillError error={error} kind="contact" onRetry={() => pages.more()} />}
        </div>
      )}
    </>
  )
}

function Group({ group, zone }: { readonly group: ContactGroup; readonly zone: string }) {
  const { kind, id, events } = group
  const title = (
    <>
      {textOf(texts().kinds, kind)} <bdi>{id}</bdi>
    </>
  )
  return (
    <section class="card timeline-group">
      <h2>
        {kind === 'message' ? (
          <AddressLink next={{ opened: { kind: 'message', id } }} class="drill-link">
            {title}
          </AddressLink>
        ) : (
          title
        )}
      </h2>
      <ol class="timeline" role="list">
        {events.map((event: EventItem) => (
          <EventEntry key={event.id} event={event} zone={zone} />
        ))}
      </ol>
    </section>
  )
}

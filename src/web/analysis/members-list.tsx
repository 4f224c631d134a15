import type { CohortMembersData } from '../../analytics/cohorts/cohort-response.ts'
import type { MemberItem } from '../../analytics/funnels/members/read-members.ts'
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { apiPath } from '../api/api-client.ts'
import { Skeleton } from '../components/skeleton.tsx'
import type { Column } from '../components/table/column.ts'
import { DataTable } from '../components/table/data-table.tsx'
import { describeConditions } from '../drill-down/describe-drill.ts'
import { DrillError } from '../drill-down/drill-error.tsx'
import { DrillHeading, type DrillPageProps } from '../drill-down/drill-heading.tsx'
import { MoreRows } from '../drill-down/list/drill-list.tsx'
import { formatShownDrill, type ShownDrill } from '../drill-down/drill-state.ts'
import { usePages } from '../drill-down/list/use-pages.ts'
import { formatDateTime } from '../format/dates.ts'
import { formatCount } from '../format/numbers.ts'
import { shownStepName } from '../funnels/funnel-names.ts'
import { funnelOf } from '../funnels/funnel-definition.ts'
import { useApp } from '../state/app.ts'
import { analysisTexts } from './texts/analysis-texts.ts'

/** A member of a funnel, or of a cohort. */
type Member = Pick<MemberItem, 'id'> & Partial<MemberItem> & Partial<CohortMembersData['members'][number]>

interface MembersPage {
  readonly members: readonly Member[]
  readonly count: number
  readonly cursor: string | null
}

type MemberKind = 'message' | 'contact' | 'enrollment' | 'run'

const PAGE_ROWS = 100

interface MembersListProps extends DrillPageProps {
  readonly drill: ShownDrill
}

/** The messages, contacts, enrollments or runs behind a number of a funnel or of cohorts, page by page. */
export function MembersList({ drill, heading }: MembersListProps) {
  const { api, address } = useApp()
  const { zone } = address.viewState.value
  const { members: texts } = analysisTexts()
  const key = formatShownDrill(drill)
  const pages = usePages<Member>(key, async (cursor, signal) => {
    const body = { limit: PAGE_ROWS, ...drill.body, ...(cursor !== null && { cursor }) }
    const { data } = await api.read<MembersPage>(apiPath(drill.path.slice(1), {}), signal, body)
    return { rows: data.members, cursor: data.cursor, count: data.count }
  })
  const { page, isLoading, error } = pages.loaded.value
  const kind = kindOf(drill)
  const count = page?.count
  const counted = count === undefined ? texts.some[kind] : texts.counted[kind](formatCount(count), count === 1)
  const title = drill.label === undefined ? counted : texts.ofNumber(counted, drill.label)
  return (
    <>
      <DrillHeading heading={heading} title={title} parts={describeConditions(drill, zone, () => undefined)} />
      {error !== undefined && !page && <DrillError error={error} kind="search" onRetry={() => pages.reload()} />}
      {!page && error === undefined && <Skeleton cardCount={0} />}
      {page && (
        <section class="card drill-list" aria-busy={isLoading}>
          <DataTable<Member>
            id={`members-${drill.path}-${kind}`}
            caption={title}
            rows={page.rows}
            columns={columnsOf(drill, kind, zone)}
            rowKey={({ id }) => id}
            linkTo={({ id }) => (kind === 'message' || kind === 'contact' ? { opened: { kind, id } } : undefined)}
            emptyText={texts.none}
          />
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

function kindOf({ path, body }: Drill): MemberKind {
  if (path === '/funnels/members') return funnelOf(body).entity
  return body['kind'] === 'retention' ? 'contact' : 'message'
}

function columnsOf({ path, body }: Drill, kind: MemberKind, zone: string): Column<Member>[] {
  const { members: texts } = analysisTexts()
  const time = (
    id: string,
    label: string,
    instantOf: (member: Member) => string | null | undefined,
  ): Column<Member> => ({
    id,
    label,
    kind: 'time',
    value: (member) => {
      const instant = instantOf(member)
      return instant === null || instant === undefined ? null : Date.parse(instant)
    },
    text: (member) => formatDateTime(Date.parse(instantOf(member)!), zone),
  })
  const name: Column<Member> = { id: 'id', label: texts.ids[kind], kind: 'name', value: ({ id }) => id }
  if (path !== '/funnels/members')
    return [
      name,
      time('startedAt', texts.startedAt, ({ startedAt }) => startedAt),
      time('eventAt', texts.eventAt, ({ eventAt }) => eventAt),
    ]
  const funnel = funnelOf(body)
  // An excluded one has reached no step.
  if ((body['member'] as { readonly state?: string } | undefined)?.state === 'excluded')
    return [name, time('enteredAt', texts.enteredAt, ({ enteredAt }) => enteredAt)]
  return [
    name,
    ...funnel.steps.map((_, index) =>
      time(`step-${index}`, `${index + 1} · ${shownStepName(funnel, index)}`, ({ steps }) => steps?.[index]?.at),
    ),
  ]
}

import { AddressLink } from '../components/address-link.tsx'
import { Card } from '../components/card.tsx'
import { DataTable } from '../components/table/data-table.tsx'
import { mayWrite } from '../definitions/write-access.ts'
import { formatDateTime } from '../format/dates.ts'
import { useApp } from '../state/app.ts'
import { formatZoneName } from '../state/zone-names.ts'
import type { ReportSummary, Schedule } from './report-data.ts'
import { formatPlace, NEW } from './report-place.ts'
import { ReadOnlyNote } from './report-pages.tsx'
import { reportTexts } from './texts/report-texts.ts'

interface ReportListProps {
  readonly reports: readonly ReportSummary[]
  readonly schedules: readonly Schedule[]
  /** The zone of the instants. */
  readonly zone: string
}

/** All reports of the tenant. */
export function ReportList({ reports, schedules, zone }: ReportListProps) {
  const { session } = useApp()
  const { list: texts } = reportTexts()
  const countOf = ({ id }: ReportSummary) => schedules.filter(({ reportId }) => reportId === id).length
  return (
    <>
      {mayWrite(session.state.value) ? (
        <p class="view-links">
          <AddressLink class="button primary" next={{ id: NEW, definition: formatPlace({ page: 'edit' }) }}>
            {texts.create}
          </AddressLink>
        </p>
      ) : (
        <ReadOnlyNote />
      )}
      <Card title={texts.title}>
        {reports.length === 0 ? (
          <div>
            <p>{texts.none}</p>
            <p class="note">{texts.noneHint}</p>
          </div>
        ) : (
          <DataTable<ReportSummary>
            id="reports"
            caption={texts.title}
            rows={reports}
            rowKey={({ id }) => id}
            linkTo={({ id }) => ({ id, definition: undefined })}
            hidesKeys
            columns={[
              { id: 'name', label: texts.name, kind: 'name', value: ({ name }) => name },
              { id: 'blocks', label: texts.blocks, kind: 'count', value: ({ blocks }) => blocks.length },
              { id: 'schedules', label: texts.schedules, kind: 'count', value: countOf },
              { id: 'zone', label: texts.zone, kind: 'label', value: ({ timezone }) => formatZoneName(timezone) },
              {
                id: 'changed',
                label: texts.changed,
                kind: 'time',
                value: ({ changedAt }) => Date.parse(changedAt),
                text: ({ changedAt }) => formatDateTime(Date.parse(changedAt), zone),
              },
            ]}
          />
        )}
      </Card>
    </>
  )
}

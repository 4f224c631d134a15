import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import type { Stored } from '../../definitions/stored-definitions.ts'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import { formatDateTime } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import type { Report, ReportVersion } from '../report-data.ts'
import { ReportPages } from '../report-pages.tsx'
import { formatPlace } from '../report-place.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { VersionCard } from './version-card.tsx'

interface VersionsViewProps {
  readonly stored: Stored<Report>
  /** The newest first; the first one is the report as it is. */
  readonly versions: readonly ReportVersion[]
  /** The number of the opened version. */
  readonly opened: number | undefined
  readonly schema: QuerySchema
  /** The zone of the instants. */
  readonly zone: string
  readonly asOf: number
}

/** The versions of a report that are kept, and the opened one. */
export function VersionsView({ stored, versions, opened, schema, zone, asOf }: VersionsViewProps) {
  const { versions: texts } = reportTexts()
  const shown = versions.find(({ version }) => version === opened)
  return (
    <>
      <ReportPages current="versions" />
      <Card title={texts.title} subtitle={texts.intro}>
        <ul class="version-list" role="list">
          {versions.map((each, index) => (
            <li key={each.version}>
              <AddressLink
                next={{ definition: formatPlace({ page: 'versions', version: each.version }) }}
                isCurrent={each === shown}
              >
                {texts.version(formatCount(each.version))}
              </AddressLink>
              <span class="note">
                <time dateTime={each.changedAt}>{formatDateTime(Date.parse(each.changedAt), zone)}</time>
                {` · ${each.name} · ${texts.blocks(formatCount(each.blocks.length))}`}
              </span>
              {index === 0 && <span class="status-badge of-sent">{texts.current}</span>}
            </li>
          ))}
        </ul>
      </Card>
      {shown && (
        <VersionCard
          key={shown.version}
          version={shown}
          isCurrent={shown === versions[0]}
          {...{ stored, schema, zone, asOf }}
        />
      )}
    </>
  )
}

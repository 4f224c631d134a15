import { useSignal } from '@preact/signals'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { ConflictNotice } from '../../definitions/conflict-notice.tsx'
import type { Stored } from '../../definitions/stored-definitions.ts'
import { mayWrite } from '../../definitions/write-access.ts'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import { formatDateTime } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import { useApp } from '../../state/app.ts'
import { formatZoneName } from '../../state/zone-names.ts'
import { rangeTextOf } from '../blocks/block-range.ts'
import { BlockPreview } from '../builder/block-preview.tsx'
import type { Report, ReportVersion } from '../report-data.ts'
import { draftOf, type Mistake, requestOf } from '../report-draft.ts'
import { formatPlace } from '../report-place.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { useSaving } from '../use-saving.ts'

interface VersionCardProps {
  readonly stored: Stored<Report>
  readonly version: ReportVersion
  /** Whether it is the report as it is. */
  readonly isCurrent: boolean
  readonly schema: QuerySchema
  /** The zone of the instants. */
  readonly zone: string
  readonly asOf: number
}

/** A version as it was, with the numbers of now. It is restored by saving the same as the next version. */
export function VersionCard({ stored, version, isCurrent, schema, zone, asOf }: VersionCardProps) {
  const { address, session } = useApp()
  const { versions: texts, mistakes: mistakeTexts, conflict } = reportTexts()
  const draft = draftOf(version)
  const base = useSignal<Stored<Report> | undefined>(stored)
  const mistakes = useSignal<readonly Mistake[]>([])
  const number = formatCount(version.version)
  const { isBusy, problem, hasConflict, save, loadNewer } = useSaving<Report>({
    collection: 'reports',
    base,
    request: () => requestOf(draft),
    begin: (newer) => (base.value = newer),
    onSaved: () => address.navigate({ definition: formatPlace({ page: 'report' }) }),
    onMistakes: (details) => (mistakes.value = details),
    texts: { saved: texts.restored(number), failed: texts.failed, mistakes: texts.invalid, tooMany: texts.failed },
  })
  const time = formatDateTime(Date.parse(version.changedAt), zone)
  return (
    <Card title={texts.opened(number, time)} subtitle={texts.numbers} class="report-version">
      <dl class="version-facts">
        <div>
          <dt>{texts.name}</dt>
          <dd>{version.name}</dd>
        </div>
        {version.description !== undefined && (
          <div>
            <dt>{texts.description}</dt>
            <dd class="report-description">{version.description}</dd>
          </div>
        )}
        <div>
          <dt>{texts.zone}</dt>
          <dd>{formatZoneName(version.timezone)}</dd>
        </div>
      </dl>
      {hasConflict.value && (
        <ConflictNotice
          texts={conflict}
          onLoad={() => {
            // Reads the versions again, too.
            void loadNewer().then(() => address.navigate({}))
          }}
          onKeep={() => (hasConflict.value = false)}
        />
      )}
      <div role="alert">
        {problem.value !== '' && <p class="field-problem">{problem.value}</p>}
        {mistakes.value.map(({ path, message }) => (
          <p key={path} class="field-problem">
            {mistakeTexts.other(path, message)}
          </p>
        ))}
      </div>
      <div class="builder-actions">
        {!isCurrent && mayWrite(session.state.value) && (
          <>
            <button type="button" class="button primary" aria-disabled={isBusy.value} onClick={() => void save()}>
              {texts.restore(number)}
            </button>
            <span class="note">{texts.restoreHint}</span>
          </>
        )}
        <AddressLink class="button" next={{ definition: formatPlace({ page: 'versions' }) }}>
          {texts.close}
        </AddressLink>
      </div>
      <ol class="block-list" role="list">
        {draft.blocks.map((block) => {
          const range = rangeTextOf(block.body)
          return (
            <li key={block.key} class="block-item">
              <h3>{block.title}</h3>
              {range !== undefined && <p class="note">{range}</p>}
              <BlockPreview {...{ block, schema, asOf }} zone={version.timezone} />
            </li>
          )
        })}
      </ol>
    </Card>
  )
}

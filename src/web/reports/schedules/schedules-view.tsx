import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import type { Stored } from '../../definitions/stored-definitions.ts'
import { mayWrite } from '../../definitions/write-access.ts'
import { formatCount } from '../../format/numbers.ts'
import { useApp } from '../../state/app.ts'
import type { DeliveryList, Report, Schedule } from '../report-data.ts'
import { ReportPages } from '../report-pages.tsx'
import { formatPlace, NEW } from '../report-place.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { DeliveryLog } from './delivery-log.tsx'
import { ScheduleForm } from './schedule-form.tsx'
import { recurrenceText, runText } from './schedule-text.ts'
import { TestForm } from './test-form.tsx'

interface SchedulesViewProps {
  readonly report: Report
  /** Those of the report. */
  readonly schedules: readonly Schedule[]
  /** The id of the opened schedule. */
  readonly opened: string | undefined
  /** The opened schedule with its version; undefined for a new one. */
  readonly schedule: Stored<Schedule> | undefined
  readonly log: DeliveryList | undefined
  readonly asOf: number
}

/** The schedules of a report, and the opened one with its log. */
export function SchedulesView({ report, schedules, opened, schedule, log, asOf }: SchedulesViewProps) {
  const { session } = useApp()
  const { schedules: texts } = reportTexts()
  const isEditable = mayWrite(session.state.value)
  const isUnsent = [...schedules, ...(schedule ? [schedule.data] : [])].some(
    ({ delivery }) => delivery !== 'configured',
  )
  return (
    <>
      <ReportPages current="schedules" />
      {isUnsent && <p class="banner">{texts.notConfigured}</p>}
      <Card title={texts.title} subtitle={texts.intro}>
        {schedules.length === 0 ? (
          <p>{texts.none}</p>
        ) : (
          <ul class="schedule-list" role="list">
            {schedules.map((each) => (
              <ScheduleItem key={each.id} schedule={each} isOpened={each.id === opened} />
            ))}
          </ul>
        )}
        {isEditable && (
          <p class="view-links">
            <AddressLink class="button" next={{ definition: formatPlace({ page: 'schedules', schedule: NEW }) }}>
              {texts.create}
            </AddressLink>
          </p>
        )}
      </Card>
      {(schedule || (opened === NEW && isEditable)) && (
        <ScheduleForm key={opened} {...{ report, stored: schedule, isEditable, asOf }} />
      )}
      {schedule && isEditable && schedule.data.delivery === 'configured' && (
        <TestForm key={`test ${opened}`} id={schedule.data.id} />
      )}
      {schedule && log && (
        <DeliveryLog key={`log ${opened}`} schedule={schedule.data} log={log} isEditable={isEditable} />
      )}
    </>
  )
}

function ScheduleItem({ schedule, isOpened }: { readonly schedule: Schedule; readonly isOpened: boolean }) {
  const { schedules: texts } = reportTexts()
  const { id, every, timezone, recipients, enabled, nextRuns, disabledReason } = schedule
  const [next] = nextRuns
  const state = disabledReason !== null ? texts.disabled : !enabled ? texts.off : undefined
  return (
    <li>
      <AddressLink next={{ definition: formatPlace({ page: 'schedules', schedule: id }) }} isCurrent={isOpened}>
        {recurrenceText(every)}
      </AddressLink>
      <span class="note">
        {texts.recipients(formatCount(recipients.length))}
        {state === undefined && next !== undefined && ` · ${texts.next(runText(Date.parse(next), timezone))}`}
      </span>
      {state !== undefined && <span class="status-badge of-failed">{state}</span>}
    </li>
  )
}

import { useSignal } from '@preact/signals'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { ConflictNotice } from '../../definitions/conflict-notice.tsx'
import { removeDefinition, type Stored } from '../../definitions/stored-definitions.ts'
import { useApp } from '../../state/app.ts'
import { ConfirmDialog } from '../remove-dialog.tsx'
import type { Report, Schedule } from '../report-data.ts'
import type { Mistake } from '../report-draft.ts'
import { formatPlace } from '../report-place.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { useSaving } from '../use-saving.ts'
import { NextRuns } from './next-runs.tsx'
import {
  draftOfSchedule,
  isSameSchedule,
  newSchedule,
  runsOf,
  type ScheduleDraft,
  scheduleRequestOf,
  SHOWN_RUNS,
} from './schedule-draft.ts'
import { ScheduleFields } from './schedule-fields.tsx'

interface ScheduleFormProps {
  readonly report: Report
  /** Undefined for a new schedule. */
  readonly stored: Stored<Schedule> | undefined
  readonly isEditable: boolean
  /** When the page was loaded, epoch milliseconds. */
  readonly asOf: number
}

/** When and to whom the report is sent. */
export function ScheduleForm({ report, stored, isEditable, asOf }: ScheduleFormProps) {
  const { api, address, toasts } = useApp()
  const { schedules: texts, conflict } = reportTexts()
  const base = useSignal(stored)
  const draftFrom = (from: Stored<Schedule> | undefined) =>
    from ? draftOfSchedule(from.data) : newSchedule(report.timezone)
  const draft = useSignal<ScheduleDraft>(draftFrom(stored))
  const begin = (from: Stored<Schedule>) => {
    base.value = from
    draft.value = draftFrom(from)
  }
  const showPlace = (schedule?: string) =>
    address.navigate({ definition: formatPlace({ page: 'schedules', schedule }) })
  const mistakes = useSignal<readonly Mistake[]>([])
  const isRemoving = useSignal(false)
  const isSaved = base.value !== undefined && isSameSchedule(draft.value, draftFrom(base.value))
  // A newer version takes the place of an unchanged one, for instance after the service has disabled the schedule.
  if (isSaved && stored && stored.etag !== base.value!.etag && stored.asOf > base.value!.asOf) begin(stored)
  const { isBusy, problem, hasConflict, save, loadNewer } = useSaving<Schedule>({
    collection: 'schedules',
    base,
    request: () => scheduleRequestOf(draft.value, report.id),
    begin,
    onSaved: ({ data }) => showPlace(data.id),
    onMistakes: (details) => (mistakes.value = details),
    texts: { ...texts, mistakes: texts.failed },
  })
  const saved = base.value?.data
  const runs = isSaved ? saved?.nextRuns.slice(0, SHOWN_RUNS).map((run) => Date.parse(run)) : runsOf(draft.value, asOf)
  return (
    <Card title={stored ? texts.editor : texts.newEditor}>
      {saved && saved.disabledReason !== null && (
        <div class="banner">
          <p>{texts.disabledReason(saved.disabledReason)}</p>
          {isEditable && <p>{texts.disabledHint}</p>}
        </div>
      )}
      <form
        class="schedule-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <fieldset class="form-fields" disabled={!isEditable}>
          <legend class="visually-hidden">{texts.editor}</legend>
          <ScheduleFields draft={draft.value} mistakes={mistakes.value} onChange={(next) => (draft.value = next)} />
        </fieldset>
        <NextRuns runs={runs} zone={draft.value.timezone} />
        {hasConflict.value && (
          <ConflictNotice texts={conflict} onLoad={() => void loadNewer()} onKeep={() => (hasConflict.value = false)} />
        )}
        <p class="field-problem" role="alert">
          {problem.value}
        </p>
        <div class="builder-actions">
          {isEditable && (
            <button type="submit" class="button primary" aria-disabled={isBusy.value}>
              {texts.save}
            </button>
          )}
          <AddressLink class="button" next={{ definition: formatPlace({ page: 'schedules' }) }}>
            {texts.close}
          </AddressLink>
          {isEditable && saved && (
            <button type="button" class="button quiet" onClick={() => (isRemoving.value = true)}>
              {texts.remove}
            </button>
          )}
        </div>
      </form>
      {isRemoving.value && base.value && (
        <ConfirmDialog
          title={texts.removeTitle}
          text={texts.removeText}
          onClose={() => (isRemoving.value = false)}
          onConfirm={async () => {
            await removeDefinition(api, `schedules/${encodeURIComponent(saved!.id)}`, base.value!.etag)
            toasts.show('success', texts.removed)
            showPlace()
          }}
        />
      )}
    </Card>
  )
}

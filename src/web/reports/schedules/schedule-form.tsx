import { useSignal } from '@preact/signals'
import { ApiError } from '../../api/api-error.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { ConflictNotice } from '../../definitions/conflict-notice.tsx'
import { readStored, removeDefinition, saveDefinition, type Stored } from '../../definitions/stored-definitions.ts'
import { refuseWrites } from '../../definitions/write-access.ts'
import { describeError } from '../../layout/describe-error.ts'
import { useApp } from '../../state/app.ts'
import { ConfirmDialog } from '../remove-dialog.tsx'
import type { Report, Schedule } from '../report-data.ts'
import type { Mistake } from '../report-draft.ts'
import { formatPlace } from '../report-place.ts'
import { reportTexts } from '../texts/report-texts.ts'
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
  const { api, address, session, toasts } = useApp()
  const { schedules: texts, conflict } = reportTexts()
  const base = useSignal(stored)
  const begin = (from: Stored<Schedule> | undefined) =>
    from ? draftOfSchedule(from.data) : newSchedule(report.timezone)
  const draft = useSignal<ScheduleDraft>(begin(stored))
  const mistakes = useSignal<readonly Mistake[]>([])
  const problem = useSignal('')
  const hasConflict = useSignal(false)
  const isBusy = useSignal(false)
  const isRemoving = useSignal(false)
  const isSaved = base.value !== undefined && isSameSchedule(draft.value, begin(base.value))
  // A newer version takes the place of an unchanged one, for instance after the service has disabled the schedule.
  if (isSaved && stored && stored.etag !== base.value!.etag && stored.asOf > base.value!.asOf) {
    base.value = stored
    draft.value = begin(stored)
  }
  const path = `schedules/${encodeURIComponent(base.value?.data.id ?? '')}`

  async function save(): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    problem.value = ''
    mistakes.value = []
    try {
      const etag = base.value?.etag
      const request = scheduleRequestOf(draft.value, report.id)
      const saved = await saveDefinition<Schedule>(api, etag === undefined ? 'schedules' : path, request, etag)
      base.value = saved
      draft.value = begin(saved)
      hasConflict.value = false
      toasts.show('success', texts.saved)
      address.navigate({ definition: formatPlace({ page: 'schedules', schedule: saved.data.id }) })
    } catch (error) {
      explain(error)
    } finally {
      isBusy.value = false
    }
  }

  function explain(error: unknown): void {
    const status = error instanceof ApiError ? error.status : 0
    const state = session.state.peek()
    if (status === 401) session.expire()
    else if (status === 412 || (status === 404 && base.value)) hasConflict.value = true
    else if (error instanceof ApiError && status === 400) {
      mistakes.value = error.details
      problem.value = texts.failed
    } else if (status === 409) problem.value = texts.tooMany
    else {
      if (status === 403 && state.kind !== 'none') refuseWrites(state.session)
      problem.value = `${texts.failed} ${describeError(error, navigator.onLine).title}.`
    }
  }

  async function loadNewer(): Promise<void> {
    try {
      const newer = await readStored<Schedule>(api, path, new AbortController().signal)
      base.value = newer
      draft.value = begin(newer)
      hasConflict.value = false
      toasts.show('success', conflict.loaded)
    } catch (error) {
      const isGone = error instanceof ApiError && error.status === 404
      problem.value = isGone ? conflict.gone : `${describeError(error, navigator.onLine).title}.`
    }
  }

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
            await removeDefinition(api, path, base.value!.etag)
            toasts.show('success', texts.removed)
            address.navigate({ definition: formatPlace({ page: 'schedules' }) })
          }}
        />
      )}
    </Card>
  )
}

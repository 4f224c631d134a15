import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import { apiPath } from '../../api/api-client.ts'
import { Popover } from '../../components/popover.tsx'
import { formatDateTime } from '../../format/dates.ts'
import { useApp } from '../../state/app.ts'
import { isSnoozed } from '../list/alert-item.tsx'
import { alertTexts } from '../texts/alert-texts.ts'
import { useChange } from '../use-change.ts'

const HOUR_MS = 3_600_000
const SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const

interface SnoozeControlProps {
  readonly alert: Pick<ShownAlert, 'id' | 'snoozedUntil'>
  readonly zone: string
  /** When the rule was read, epoch milliseconds. */
  readonly asOf: number
}

/** A button that stops notifications for a time, or that says until when they are stopped. */
export function SnoozeControl({ alert: { id, snoozedUntil }, zone, asOf }: SnoozeControlProps) {
  const { api, toasts } = useApp()
  const { snooze } = alertTexts()
  const change = useChange()
  const inputId = useId()
  const typed = useSignal('')
  const hasProblem = useSignal(false)
  const path = apiPath(`alerts/${encodeURIComponent(id)}/snooze`, {})
  const time = (instant: number) => formatDateTime(instant, zone)
  const save = async (until: number | null) => {
    const body = { until: until === null ? null : new Date(until).toISOString() }
    const isDone = await change.run(() => api.read(path, new AbortController().signal, body))
    if (isDone) toasts.show('success', until === null ? snooze.ended : snooze.done(time(until)))
  }
  const isActive = isSnoozed(snoozedUntil, asOf)
  const label = isActive ? snooze.active(time(Date.parse(snoozedUntil))) : snooze.button
  return (
    <Popover class="snooze" label={label}>
      {(close) => (
        <form
          class="snooze-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            const until = instantOf(typed.value, zone, asOf)
            hasProblem.value = until === undefined
            if (until === undefined) return
            close()
            void save(until)
          }}
        >
          <p class="note">{snooze.hint}</p>
          {(Object.keys(SPANS) as (keyof typeof SPANS)[]).map((span) => (
            <button
              key={span}
              type="button"
              class="button"
              onClick={() => {
                close()
                void save(asOf + SPANS[span])
              }}
            >
              {snooze[span]}
            </button>
          ))}
          <div class="field">
            <label for={inputId}>{snooze.until}</label>
            <input
              id={inputId}
              type="datetime-local"
              aria-invalid={hasProblem.value}
              aria-describedby={`${inputId}-problem`}
              value={typed}
              onInput={({ currentTarget }) => {
                typed.value = currentTarget.value
                hasProblem.value = false
              }}
            />
          </div>
          <p id={`${inputId}-problem`} class="field-problem" role="alert">
            {hasProblem.value && snooze.invalid}
          </p>
          <button type="submit" class="button">
            {snooze.apply}
          </button>
          {isActive && (
            <button
              type="button"
              class="button primary"
              onClick={() => {
                close()
                void save(null)
              }}
            >
              {snooze.end}
            </button>
          )}
        </form>
      )}
    </Popover>
  )
}

const MAX_AHEAD_MS = 366 * 24 * HOUR_MS

/** The instant of a local time such as 2026-01-31T09:30 in a zone; undefined for one that the service refuses. */
function instantOf(local: string, zone: string, now: number): number | undefined {
  if (local === '') return undefined
  const instant = Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds
  const ahead = instant - now
  return ahead > 0 && ahead <= MAX_AHEAD_MS ? instant : undefined
}

import { useSignal } from '@preact/signals'
import { apiPath } from '../../api/api-client.ts'
import { Card } from '../../components/card.tsx'
import { formatDateTime } from '../../format/dates.ts'
import { formatCount } from '../../format/numbers.ts'
import { failureText, notedFailure } from '../../definitions/saving-failure.ts'
import { useApp } from '../../state/app.ts'
import type { Delivery, DeliveryList, Schedule } from '../report-data.ts'
import { reportTexts } from '../texts/report-texts.ts'

interface DeliveryLogProps {
  readonly schedule: Schedule
  /** The first page. */
  readonly log: DeliveryList
  readonly isEditable: boolean
}

/** Those that the service will not change any more. */
const SETTLED: readonly Delivery['status'][] = ['sent', 'failed', 'unknown', 'missed', 'skipped']

/** The mails of a schedule, and what became of them. */
export function DeliveryLog({ schedule, log, isEditable }: DeliveryLogProps) {
  const { address, api, session, toasts } = useApp()
  const { log: texts } = reportTexts()
  const path = `schedules/${encodeURIComponent(schedule.id)}/deliveries`
  /** The pages behind the first one. */
  const older = useSignal<readonly Delivery[]>([])
  const cursor = useSignal<string | null | undefined>(undefined)
  const isBusy = useSignal(false)
  const next = cursor.value === undefined ? log.cursor : cursor.value
  const canResend = isEditable && schedule.delivery === 'configured'

  async function run(action: () => Promise<void>, failure: string): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    try {
      await action()
    } catch (error) {
      if (notedFailure(session, error) !== 'expired') toasts.show('error', failureText(failure, error))
    } finally {
      isBusy.value = false
    }
  }
  const resend = ({ id }: Delivery) =>
    run(async () => {
      const request = apiPath(`${path}/${encodeURIComponent(id)}/resend`, {})
      await api.request(request, new AbortController().signal, {}, undefined, 'POST')
      toasts.show('success', texts.resent)
      // Reads the log at once.
      address.navigate({})
    }, texts.resendFailed)
  const readOlder = (after: string) =>
    run(async () => {
      const { data } = await api.read<DeliveryList>(apiPath(path, { cursor: after }), new AbortController().signal)
      older.value = [...older.value, ...data.deliveries]
      cursor.value = data.cursor
    }, '')

  const known = new Set(log.deliveries.map(({ id }) => id))
  const deliveries = [...log.deliveries, ...older.value.filter(({ id }) => !known.has(id))]
  return (
    <Card title={texts.title} subtitle={texts.subtitle}>
      {deliveries.length === 0 ? (
        <p>{texts.none}</p>
      ) : (
        <div class="log-scroll" role="group" aria-label={texts.title} tabIndex={0}>
          <table class="delivery-log">
            <thead>
              <tr>
                <th scope="col">{texts.scheduledFor}</th>
                <th scope="col">{texts.recipient}</th>
                <th scope="col">{texts.status}</th>
                <th scope="col">{texts.attempts}</th>
                <th scope="col">{texts.error}</th>
                {canResend && <th scope="col">{texts.actions}</th>}
              </tr>
            </thead>
            <tbody>
              {deliveries.map((delivery) => (
                <DeliveryRow
                  key={delivery.id}
                  delivery={delivery}
                  zone={schedule.timezone}
                  onResend={canResend ? () => void resend(delivery) : undefined}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next !== null && (
        <p class="view-links">
          <button type="button" class="button" aria-disabled={isBusy.value} onClick={() => void readOlder(next)}>
            {texts.more}
          </button>
        </p>
      )}
    </Card>
  )
}

interface DeliveryRowProps {
  readonly delivery: Delivery
  /** The zone of the schedule. */
  readonly zone: string
  readonly onResend: (() => void) | undefined
}

function DeliveryRow({ delivery, zone, onResend }: DeliveryRowProps) {
  const { log: texts } = reportTexts()
  const { scheduledFor, recipient, status, attempts, nextAttemptAt, error } = delivery
  const time = formatDateTime(Date.parse(scheduledFor), zone)
  return (
    <tr>
      <th scope="row">{time}</th>
      <td>
        <bdi>{recipient}</bdi>
      </td>
      <td>
        <span class={`status-badge of-${status}`} title={texts.meanings[status]}>
          {texts.statuses[status]}
        </span>
      </td>
      <td class="number">{formatCount(attempts)}</td>
      <td class="log-error">
        {error !== null && <bdi lang="en">{error}</bdi>}
        {nextAttemptAt !== null && <p>{texts.nextAttempt(formatDateTime(Date.parse(nextAttemptAt), zone))}</p>}
        {error === null && nextAttemptAt === null && <span class="note">{texts.meanings[status]}</span>}
      </td>
      {onResend !== undefined && (
        <td>
          {SETTLED.includes(status) && (
            <button type="button" class="button" aria-label={texts.resendOf(recipient, time)} onClick={onResend}>
              {texts.resend}
            </button>
          )}
        </td>
      )}
    </tr>
  )
}

import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { ApiError } from '../../api/api-error.ts'
import { numberFormat } from '../../format/locale.ts'
import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'
import { describeError, type ErrorDescription } from '../describe-error.ts'

interface ErrorStateProps {
  readonly error: unknown
  /** Called by "Try again", also when the time of an automatic retry has come. */
  readonly onRetry: () => void
  readonly isRetrying?: boolean
}

/** In place of a view that could not be loaded: the reason, and a possible action. */
export function ErrorState({ error, onRetry, isRetrying = false }: ErrorStateProps) {
  const { errors } = messages()
  const description = describeError(error, navigator.onLine)
  const { title, sentences, retryAfterMs, correlationId } = description
  return (
    <section class="status-message">
      <div role="alert">
        <h2>{title}</h2>
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      {retryAfterMs !== undefined &&
        (isRetrying ? <p>{errors.retrying}</p> : <RetryCountdown key={error} ms={retryAfterMs} onElapsed={onRetry} />)}
      <p class="status-actions">
        <ActionButton description={description} error={error} onRetry={onRetry} />
      </p>
      {correlationId !== undefined && (
        <p class="note">
          {errors.support} <code>{correlationId}</code>
        </p>
      )}
    </section>
  )
}

interface ActionButtonProps {
  readonly description: ErrorDescription
  readonly error: unknown
  readonly onRetry: () => void
}

function ActionButton({ description, error, onRetry }: ActionButtonProps) {
  const { address, session } = useApp()
  const { errors } = messages()
  const { action, retryAfterMs } = description
  const actions = {
    retry: { label: retryAfterMs === undefined ? errors.retry : errors.retryNow, run: onRetry },
    startOver: { label: errors.startOver, run: () => address.navigate(startingPoint(error)) },
    signIn: { label: errors.signInAgain, run: () => session.end() },
  }
  const { label, run } = actions[action]
  return (
    <button type="button" class="button primary" onClick={run}>
      {label}
    </button>
  )
}

/** The parts of the address without which the service can respond. The time zone stays, unless it is the reason. */
function startingPoint(error: unknown) {
  const isZoneUnknown = error instanceof ApiError && error.details.some(({ path }) => path === 'timezone')
  return {
    range: '7d' as const,
    dates: undefined,
    filters: [],
    granularity: undefined,
    id: undefined,
    definition: undefined,
    ...(isZoneUnknown ? { zone: 'UTC' } : {}),
  }
}

/** Counts the seconds until an automatic retry. It is no live region: screen readers would read every second. */
function RetryCountdown({ ms, onElapsed }: { readonly ms: number; readonly onElapsed: () => void }) {
  const seconds = useSignal(Math.ceil(ms / 1000))
  useEffect(() => {
    const end = performance.now() + ms
    const timer = setInterval(() => {
      seconds.value = Math.max(1, Math.ceil((end - performance.now()) / 1000))
    }, 250)
    const retryTimer = setTimeout(onElapsed, ms)
    return () => {
      clearInterval(timer)
      clearTimeout(retryTimer)
    }
  }, [])
  return <p>{messages().errors.retryIn(numberFormat().format(seconds.value))}</p>
}

import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { apiPath } from '../../api/api-client.ts'
import { ApiError } from '../../api/api-error.ts'
import { Card } from '../../components/card.tsx'
import { describeError } from '../../layout/describe-error.ts'
import { useApp } from '../../state/app.ts'
import { reportTexts } from '../texts/report-texts.ts'

/** Sends the report of now to one address. */
export function TestForm({ id: scheduleId }: { readonly id: string }) {
  const { api, session } = useApp()
  const { test: texts } = reportTexts()
  const id = useId()
  const recipient = useSignal('')
  const problem = useSignal('')
  const result = useSignal('')
  const isBusy = useSignal(false)

  async function send(): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    problem.value = ''
    result.value = ''
    const address = recipient.value.trim()
    try {
      const path = apiPath(`schedules/${encodeURIComponent(scheduleId)}/test`, {})
      await api.read(path, new AbortController().signal, { recipient: address })
      result.value = texts.sent(address)
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0
      if (status === 401) session.expire()
      problem.value =
        status === 400
          ? texts.invalid
          : error instanceof ApiError && error.message !== '' && status !== 401
            ? texts.refused(error.details[0]?.message ?? error.message)
            : `${texts.failed} ${describeError(error, navigator.onLine).title}.`
    } finally {
      isBusy.value = false
    }
  }

  return (
    <Card title={texts.title} subtitle={texts.hint}>
      <form
        class="filter-bar"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <div class="field">
          <label for={id}>{texts.recipient}</label>
          <input
            id={id}
            type="email"
            name="test-recipient"
            autocomplete="email"
            value={recipient.value}
            aria-invalid={problem.value !== ''}
            aria-describedby={`${id}-problem`}
            onInput={({ currentTarget }) => (recipient.value = currentTarget.value)}
          />
        </div>
        <button type="submit" class="button" aria-disabled={isBusy.value}>
          {isBusy.value ? texts.sending : texts.send}
        </button>
        <p id={`${id}-problem`} class="field-problem" role="alert">
          {problem.value}
        </p>
        <p class="note" role="status">
          {result.value}
        </p>
      </form>
    </Card>
  )
}

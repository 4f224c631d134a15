import { useSignal } from '@preact/signals'
import { ApiError } from '../api/api-error.ts'
import { refuseWrites } from '../definitions/write-access.ts'
import { describeError } from '../layout/describe-error.ts'
import { useApp } from '../state/app.ts'
import { alertTexts } from './texts/alert-texts.ts'

/** Runs changes one after the other, and reads again what they change. What a caller does not handle itself is told in a message. */
export function useChange() {
  const { session, toasts, firing, loader } = useApp()
  const isRunning = useSignal(false)

  /** Resolves with whether the change was made. `handle` returns whether it has told the user about an error. */
  async function run(
    change: () => Promise<unknown>,
    handle: (error: ApiError) => boolean = () => false,
  ): Promise<boolean> {
    if (isRunning.peek()) return false
    isRunning.value = true
    try {
      await change()
      void firing.refresh()
      loader.retry()
      return true
    } catch (error) {
      if (!(error instanceof ApiError && handle(error))) tell(error)
      return false
    } finally {
      isRunning.value = false
    }
  }
  function tell(error: unknown): void {
    const state = session.state.peek()
    if (error instanceof ApiError && error.status === 401) return session.expire()
    const isRefused = error instanceof ApiError && error.status === 403
    if (isRefused && state.kind === 'active') refuseWrites(state.session)
    const { editor } = alertTexts()
    toasts.show(
      'error',
      isRefused ? editor.refused : `${editor.failed} ${describeError(error, navigator.onLine).title}.`,
    )
  }
  return { isRunning, run }
}

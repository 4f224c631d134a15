import { useSignal } from '@preact/signals'
import { failureText, notedFailure, type SavingFailure, savingFailureOf } from '../definitions/saving-failure.ts'
import { useApp } from '../state/app.ts'
import { alertTexts } from './texts/alert-texts.ts'

/** Runs changes one after the other, and reads again what they change. What a caller does not handle itself is told in a message. */
export function useChange() {
  const { session, toasts, firing, loader } = useApp()
  const isRunning = useSignal(false)

  /** Resolves with whether the change was made. `handle` returns whether it has told the user about a failure. */
  async function run(
    change: () => Promise<unknown>,
    handle: (failure: SavingFailure, error: unknown) => boolean = () => false,
  ): Promise<boolean> {
    if (isRunning.peek()) return false
    isRunning.value = true
    try {
      await change()
      void firing.refresh()
      loader.retry()
      return true
    } catch (error) {
      if (!handle(savingFailureOf(error), error)) tell(error)
      return false
    } finally {
      isRunning.value = false
    }
  }
  function tell(error: unknown): void {
    const failure = notedFailure(session, error)
    const { editor } = alertTexts()
    if (failure !== 'expired')
      toasts.show('error', failure === 'refused' ? editor.refused : failureText(editor.failed, error))
  }
  return { isRunning, run }
}

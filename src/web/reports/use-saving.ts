import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals'
import { ApiError } from '../api/api-error.ts'
import { failureText, notedFailure, savingFailureOf } from '../definitions/saving-failure.ts'
import { readStored, saveDefinition, type Stored } from '../definitions/stored-definitions.ts'
import { useApp } from '../state/app.ts'
import type { Mistake } from './report-draft.ts'
import { reportTexts } from './texts/report-texts.ts'

interface SavingOptions<Data> {
  /** The path of the collection below the API. */
  readonly collection: 'reports' | 'schedules'
  /** The version that a change replaces; undefined for a new one. */
  readonly base: ReadonlySignal<Stored<Data> | undefined>
  readonly request: () => object
  /** Begins again with a stored version. */
  readonly begin: (stored: Stored<Data>) => void
  readonly onSaved: (stored: Stored<Data>) => void
  /** Receives what has to be corrected, and nothing before each attempt. */
  readonly onMistakes: (mistakes: readonly Mistake[]) => void
  readonly texts: {
    readonly saved: string
    readonly failed: string
    readonly mistakes: string
    readonly tooMany: string
  }
}

interface Saving {
  readonly isBusy: ReadonlySignal<boolean>
  /** Why the last attempt failed; empty while nothing is wrong. */
  readonly problem: ReadonlySignal<string>
  /** Whether somebody else has changed or deleted it; the user may set it back. */
  readonly hasConflict: Signal<boolean>
  save(): Promise<void>
  loadNewer(): Promise<void>
}

/** Stores the draft of a form, explains why that failed, and takes over the version of somebody else. */
export function useSaving<Data extends { readonly id: string }>(options: SavingOptions<Data>): Saving {
  const { collection, base, request, begin, onSaved, onMistakes, texts } = options
  const { api, session, toasts } = useApp()
  const { conflict } = reportTexts()
  const isBusy = useSignal(false)
  const problem = useSignal('')
  const hasConflict = useSignal(false)
  const path = ({ data }: Stored<Data>) => `${collection}/${encodeURIComponent(data.id)}`

  function explain(error: unknown): void {
    const failure = notedFailure(session, error)
    if (failure === 'expired') return
    if (failure === 'changed' || (failure === 'gone' && base.value)) hasConflict.value = true
    else if (failure === 'tooMany') problem.value = texts.tooMany
    else if (failure === 'invalid' && error instanceof ApiError) {
      onMistakes(error.details)
      problem.value = texts.mistakes
    } else problem.value = failureText(texts.failed, error)
  }

  return {
    isBusy,
    problem,
    hasConflict,
    async save() {
      if (isBusy.value) return
      isBusy.value = true
      problem.value = ''
      onMistakes([])
      try {
        const current = base.value
        const saved = await saveDefinition<Data>(api, current ? path(current) : collection, request(), current?.etag)
        toasts.show('success', texts.saved)
        begin(saved)
        hasConflict.value = false
        onSaved(saved)
      } catch (error) {
        explain(error)
      } finally {
        isBusy.value = false
      }
    },
    async loadNewer() {
      if (!base.value) return
      try {
        begin(await readStored<Data>(api, path(base.value), new AbortController().signal))
        hasConflict.value = false
        toasts.show('success', conflict.loaded)
      } catch (error) {
        problem.value = savingFailureOf(error) === 'gone' ? conflict.gone : failureText('', error)
      }
    },
  }
}

import { type ReadonlySignal, useSignal } from '@preact/signals'
import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import { readStored, saveDefinition } from '../../definitions/stored-definitions.ts'
import { useApp } from '../../state/app.ts'
import type { Draft } from '../rule-draft.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { useChange } from '../use-change.ts'
import { notifyBodyOf, type NotifyDraft } from './notify-draft.ts'
import { NO_PROBLEMS, type Problems, problemsOf } from './problems.ts'

interface Saving {
  readonly id: string | undefined
  /** The newest rule. */
  readonly draft: () => Draft
  readonly notify: ReadonlySignal<NotifyDraft>
}

/** Why a change was not stored, where the user has a choice: somebody else has changed the rule, or deleted it. */
export type Conflict = 'changed' | 'gone'

export interface Save {
  readonly isRunning: ReadonlySignal<boolean>
  readonly problems: ReadonlySignal<Problems>
  readonly conflict: ReadonlySignal<Conflict | undefined>
  /** Stores the rule; `how` answers a conflict. */
  run(how?: 'overwrite' | 'asNew'): Promise<void>
  /** Forgets what was wrong, because the rule is another one. */
  clear(): void
}

/** Stores the rule of the editor, and then shows it. */
export function useSave({ id, draft, notify }: Saving): Save {
  const { address, api, toasts } = useApp()
  const { editor } = alertTexts()
  const change = useChange()
  const problems = useSignal(NO_PROBLEMS)
  const conflict = useSignal<Conflict | undefined>(undefined)
  const clear = () => {
    problems.value = NO_PROBLEMS
    conflict.value = undefined
  }
  return {
    isRunning: change.isRunning,
    problems,
    conflict,
    clear,
    async run(how) {
      clear()
      const { rule, etag: openedEtag } = draft()
      const body = { ...rule, name: rule.name.trim(), notify: notifyBodyOf(notify.peek()) }
      const isDone = await change.run(
        async () => {
          const isNew = id === undefined || how === 'asNew'
          const path = isNew ? 'alerts' : `alerts/${encodeURIComponent(id)}`
          const etag = isNew
            ? undefined
            : how === 'overwrite'
              ? (await readStored<ShownAlert>(api, path, new AbortController().signal)).etag
              : openedEtag
          const { data } = await saveDefinition<ShownAlert>(api, path, body, etag)
          address.navigate({ id: data.id, definition: undefined })
        },
        (failure, error) => {
          problems.value = problemsOf(error)
          conflict.value = failure === 'changed' || failure === 'gone' ? failure : undefined
          if (failure === 'tooMany') toasts.show('error', editor.tooMany)
          return problems.value.size > 0 || conflict.value !== undefined || failure === 'tooMany'
        },
      )
      if (isDone) toasts.show('success', editor.saved(body.name))
      else document.querySelector<HTMLElement>('.rule-editor [aria-invalid="true"]')?.focus()
    },
  }
}

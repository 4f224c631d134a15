import { useSignal } from '@preact/signals'
import { Dialog } from '../components/dialog.tsx'
import { failureText, notedFailure } from '../definitions/saving-failure.ts'
import { removeDefinition, type Stored } from '../definitions/stored-definitions.ts'
import { useApp } from '../state/app.ts'
import type { Report } from './report-data.ts'
import { reportTexts } from './texts/report-texts.ts'

interface RemoveDialogProps {
  readonly stored: Stored<Report>
  readonly onClose: () => void
}

/** Asks before a report is deleted. */
export function RemoveDialog({ stored, onClose }: RemoveDialogProps) {
  const { api, address, toasts } = useApp()
  const { remove: texts } = reportTexts()
  const { id, name } = stored.data
  return (
    <ConfirmDialog
      title={texts.title}
      text={texts.text(name)}
      onClose={onClose}
      inUse={texts.scheduled}
      onConfirm={async () => {
        await removeDefinition(api, `reports/${encodeURIComponent(id)}`, stored.etag)
        toasts.show('success', texts.done(name))
        address.navigate({ id: undefined, definition: undefined })
      }}
    />
  )
}

interface ConfirmDialogProps {
  readonly title: string
  readonly text: string
  readonly onClose: () => void
  readonly onConfirm: () => Promise<void>
  /** Says that something else uses it; undefined where nothing can. */
  readonly inUse?: string
}

/** Asks before something is deleted, and says why that failed. */
export function ConfirmDialog({ title, text, onClose, onConfirm, inUse }: ConfirmDialogProps) {
  const { session } = useApp()
  const { remove: texts, conflict } = reportTexts()
  const problem = useSignal('')
  const isBusy = useSignal(false)
  const confirm = async () => {
    if (isBusy.value) return
    isBusy.value = true
    try {
      await onConfirm()
    } catch (error) {
      const failure = notedFailure(session, error)
      const reason = failure === 'changed' ? `${conflict.title}.` : failure === 'tooMany' ? inUse : undefined
      problem.value = reason ?? failureText('', error)
    } finally {
      isBusy.value = false
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <p class="field-problem" role="alert">
        {problem.value}
      </p>
      <p class="dialog-footer">
        <button type="button" class="button" onClick={onClose}>
          {texts.cancel}
        </button>
        <button type="button" class="button primary" aria-disabled={isBusy.value} onClick={() => void confirm()}>
          {texts.confirm}
        </button>
      </p>
    </Dialog>
  )
}

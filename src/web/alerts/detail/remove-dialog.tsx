import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import { Dialog } from '../../components/dialog.tsx'
import { removeDefinition } from '../../definitions/stored-definitions.ts'
import { useApp } from '../../state/app.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { useChange } from '../use-change.ts'

interface RemoveDialogProps {
  readonly alert: Pick<ShownAlert, 'id' | 'name'>
  readonly etag: string
  readonly onClose: () => void
}

/** Asks before a rule is deleted. */
export function RemoveDialog({ alert: { id, name }, etag, onClose }: RemoveDialogProps) {
  const { address, api, toasts } = useApp()
  const { detail, editor } = alertTexts()
  const change = useChange()
  const remove = async () => {
    const isDone = await change.run(
      async () => {
        await removeDefinition(api, `alerts/${encodeURIComponent(id)}`, etag)
        address.navigate({ id: undefined, definition: undefined })
      },
      (failure) => {
        // Another version is shown after the next load, which asks again.
        if (failure === 'changed') toasts.show('error', `${editor.conflict}.`)
        return failure === 'changed'
      },
    )
    onClose()
    if (isDone) toasts.show('success', detail.removed(name))
  }
  return (
    <Dialog title={detail.removeTitle(name)} onClose={onClose}>
      <p>{detail.removeHint}</p>
      <p class="dialog-footer">
        <button type="button" class="button" onClick={onClose}>
          {detail.cancel}
        </button>
        <button type="button" class="button primary" aria-busy={change.isRunning.value} onClick={() => void remove()}>
          {detail.remove}
        </button>
      </p>
    </Dialog>
  )
}

import { AddressLink } from '../../components/address-link.tsx'
import { alertTexts } from '../texts/alert-texts.ts'
import type { Save } from './use-save.ts'

interface SaveActionsProps {
  readonly save: Save
  readonly id: string | undefined
}

/** Saves or discards, and says why a change was not stored. */
export function SaveActions({ save, id }: SaveActionsProps) {
  const { editor } = alertTexts()
  const conflict = save.conflict.value
  return (
    <>
      <div role="alert">
        {conflict === 'changed' && (
          <div class="banner">
            <p>
              <strong>{editor.conflict}</strong>
            </p>
            <p>{editor.conflictHint}</p>
          </div>
        )}
        {conflict === 'gone' && <p class="banner">{editor.gone}</p>}
      </div>
      <p class="status-actions">
        {conflict === undefined && (
          <button type="button" class="button primary" aria-busy={save.isRunning.value} onClick={() => void save.run()}>
            {id === undefined ? editor.create : editor.save}
          </button>
        )}
        {conflict === 'changed' && (
          <>
            <AddressLink class="button primary" next={{ definition: undefined }}>
              {editor.showStored}
            </AddressLink>
            <button type="button" class="button" onClick={() => void save.run('overwrite')}>
              {editor.overwrite}
            </button>
          </>
        )}
        {conflict === 'gone' && (
          <button type="button" class="button primary" onClick={() => void save.run('asNew')}>
            {editor.create}
          </button>
        )}
        {conflict !== 'changed' && (
          <AddressLink class="button" next={{ definition: undefined }}>
            {editor.cancel}
          </AddressLink>
        )}
      </p>
    </>
  )
}

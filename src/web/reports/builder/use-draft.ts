import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { BlockRequest } from '../../../reports/report.ts'
import type { Stored } from '../../definitions/stored-definitions.ts'
import { useApp } from '../../state/app.ts'
import type { Report } from '../report-data.ts'
import { addBlock, draftOf, emptyDraft, isChanged, type ReportDraft } from '../report-draft.ts'
import { keepDraft, type KeptDraft, keptDraft } from './kept-drafts.ts'

interface DraftOptions {
  readonly id: string
  /** The stored report as the page has loaded it; undefined for a new one. */
  readonly stored: Stored<Report> | undefined
  /** A block that another view adds. */
  readonly add: BlockRequest | undefined
  /** The zone of a new report. */
  readonly zone: string
}

export interface DraftState {
  readonly draft: Signal<ReportDraft>
  /** The version that a change replaces. It stays while the page loads newer ones. */
  readonly base: Signal<Stored<Report> | undefined>
  /** Whether something is not saved. */
  isDirty(): boolean
  /** Begins again with a stored version; without one, with an empty report. */
  begin(stored: Stored<Report> | undefined): void
}

/** The draft of a report. It is kept while the user is elsewhere in the page, and the browser asks before the page is left. */
export function useDraft({ id, stored, add, zone }: DraftOptions): DraftState {
  const { session } = useApp()
  const state = session.state.peek()
  const owner = state.kind === 'none' ? undefined : state.session
  const first = useMemo((): KeptDraft => {
    const known = owner && keptDraft(owner, id)
    return known ?? { draft: stored ? draftOf(stored.data) : emptyDraft(zone), base: stored, added: undefined }
  }, [])
  const draft = useSignal(first.draft)
  const base = useSignal(first.base)
  const added = useRef(first.added)
  const isDirty = () => isChanged(draft.value, base.value ? draftOf(base.value.data) : emptyDraft(draft.value.timezone))
  const addText = add && JSON.stringify(add)
  useEffect(() => {
    if (add && addText !== added.current) draft.value = addBlock(draft.peek(), add)
    added.current = addText ?? added.current
  }, [addText])
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => isDirty() && event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => {
      removeEventListener('beforeunload', warn)
      const rest = { draft: draft.peek(), base: base.peek(), added: added.current }
      if (owner) keepDraft(owner, id, isDirty() ? rest : undefined)
    }
  }, [])
  return {
    draft,
    base,
    isDirty,
    begin(next) {
      base.value = next
      draft.value = next ? draftOf(next.data) : emptyDraft(zone)
    },
  }
}

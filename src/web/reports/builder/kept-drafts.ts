/** Unsaved drafts of the page: a user who looks at another view finds them again. They end with the session. */
import type { Stored } from '../../definitions/stored-definitions.ts'
import type { Session } from '../../state/session.ts'
import type { Report } from '../report-data.ts'
import type { ReportDraft } from '../report-draft.ts'

export interface KeptDraft {
  readonly draft: ReportDraft
  /** The version that the draft began with; undefined for a new report. */
  readonly base: Stored<Report> | undefined
  /** The block that came with the address, which is in the draft already. */
  readonly added: string | undefined
}

const kept = new WeakMap<Session, Map<string, KeptDraft>>()

export function keptDraft(session: Session, id: string): KeptDraft | undefined {
  return kept.get(session)?.get(id)
}

/** Undefined forgets it. */
export function keepDraft(session: Session, id: string, draft: KeptDraft | undefined): void {
  const drafts = kept.get(session) ?? new Map<string, KeptDraft>()
  kept.set(session, drafts)
  if (draft) drafts.set(id, draft)
  else drafts.delete(id)
}

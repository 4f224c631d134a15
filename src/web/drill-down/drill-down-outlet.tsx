import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { Note } from '../components/note.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { messages } from '../messages/messages.ts'
import type { DrillPageProps } from './drill-heading.tsx'
import { needsTenantChoice, type Session } from '../state/session.ts'
import type { ViewState } from '../state/view-state.ts'

/** Loaded when the user opens a number for the first time. Undefined until then. */
const page = signal<{ readonly Page: ComponentType<DrillPageProps> } | 'failed' | undefined>(undefined)

async function loadPage(): Promise<void> {
  try {
    const { DrillDownPage, loadTexts } = await import('./drill-down-page.tsx')
    await loadTexts()
    page.value = { Page: DrillDownPage }
  } catch {
    page.value = 'failed'
  }
}

/** Whether the address shows what is behind a number in place of the view. */
export function isDrillDownShown(viewState: ViewState, session: Session): boolean {
  const isAsked = viewState.drill !== undefined || viewState.opened !== undefined
  return isAsked && !needsTenantChoice(session, viewState.tenant)
}

/** The messages or events behind a number, or the timeline of one message or contact, as soon as their code is loaded. */
export function DrillDownOutlet({ heading }: DrillPageProps) {
  const loaded = page.value
  if (loaded === undefined) {
    void loadPage()
    return <Skeleton cardCount={0} />
  }
  return loaded === 'failed' ? <Note>{messages().drillDown.notLoaded}</Note> : <loaded.Page heading={heading} />
}

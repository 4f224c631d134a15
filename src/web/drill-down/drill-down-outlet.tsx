import { signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { Note } from '../components/note.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { messages } from '../messages/messages.ts'
import { needsTenantChoice, type Session } from '../state/session.ts'
import type { ViewState } from '../state/view-state.ts'

type PageModule = typeof import('./drill-down-page.tsx')

/** Loaded when the user opens a number for the first time. Undefined until then. */
const page = signal<PageModule | 'failed' | undefined>(undefined)

async function loadPage(): Promise<void> {
  try {
    const module = await import('./drill-down-page.tsx')
    await module.loadTexts()
    page.value = module
  } catch {
    page.value = 'failed'
  }
}

/** Whether the address shows what is behind a number in place of the view. */
export function isDrillDownShown(viewState: ViewState, session: Session): boolean {
  const isAsked = viewState.drill !== undefined || viewState.opened !== undefined
  return isAsked && !needsTenantChoice(session, viewState.tenant)
}

interface DrillDownOutletProps {
  /** Takes the focus when the content changes. */
  readonly heading: RefObject<HTMLHeadingElement | null>
}

/** The messages or events behind a number, or the timeline of one message or contact, as soon as their code is loaded. */
export function DrillDownOutlet({ heading }: DrillDownOutletProps) {
  const loaded = page.value
  if (loaded === undefined) {
    void loadPage()
    return <Skeleton cardCount={0} />
  }
  return loaded === 'failed' ? (
    <Note>{messages().drillDown.notLoaded}</Note>
  ) : (
    <loaded.DrillDownPage heading={heading} />
  )
}

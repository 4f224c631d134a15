import type { ComponentChildren } from 'preact'
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { AddressLink } from '../components/address-link.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { ViewState } from '../state/view-state.ts'
import { maySeeContacts } from './drill-access.ts'

interface DrillLinkProps {
  /** The search behind the number; without one the number is plain. */
  readonly drill: Drill | undefined
  /** What the number counts, such as "Delivered, Spring sale": the name of the link, and the heading of what it shows where the search alone does not say it. */
  readonly label?: string | undefined
  readonly children: ComponentChildren
}

/** A number as a link to the events or messages behind it. It is plain text for users who may not see single contacts. */
export function DrillLink({ drill, label, children }: DrillLinkProps) {
  const { session } = useApp()
  if (!drill || !maySeeContacts(session.state.value)) return <>{children}</>
  const { show, showAny } = messages().drillDown
  return (
    <AddressLink
      next={drillAddress(drill, label)}
      class="drill-link"
      title={label === undefined ? showAny : show(label)}
    >
      {children}
    </AddressLink>
  )
}

/** The part of the address that shows what is behind a number. */
export function drillAddress(drill: Drill, label?: string): Pick<ViewState, 'drill' | 'opened'> {
  return { drill: { path: drill.path, body: drill.body, label }, opened: undefined }
}

import { useApp } from '../state/app.ts'
import { ContactTimeline } from './timelines/contact-timeline.tsx'
import { MEMBERS_PATHS } from '../analysis/member-drill.ts'
import { MembersList } from '../analysis/members-list.tsx'
import type { DrillPageProps } from './drill-heading.tsx'
import { DrillList } from './list/drill-list.tsx'
import { formatShownDrill } from './drill-state.ts'
import { MessageTimeline } from './timelines/message-timeline.tsx'

export { loadTexts } from './texts/texts.ts'

/** The messages or events behind a number, or the timeline of one message or contact, as the address says. */
export function DrillDownPage({ heading }: DrillPageProps) {
  const { drill, opened } = useApp().address.viewState.value
  if (opened?.kind === 'message') return <MessageTimeline key={opened.id} id={opened.id} heading={heading} />
  if (opened) return <ContactTimeline key={opened.id} id={opened.id} heading={heading} />
  if (!drill) return null
  const List = MEMBERS_PATHS.some((path) => path === drill.path) ? MembersList : DrillList
  return <List key={formatShownDrill(drill)} drill={drill} heading={heading} />
}

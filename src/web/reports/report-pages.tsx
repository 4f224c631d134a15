import type { ComponentChildren } from 'preact'
import { AddressLink } from '../components/address-link.tsx'
import { mayWrite } from '../definitions/write-access.ts'
import { useApp } from '../state/app.ts'
import { formatPlace, type ReportPlace } from './report-place.ts'
import { reportTexts } from './texts/report-texts.ts'

interface ReportPagesProps {
  readonly current: ReportPlace['page']
  /** Further actions at the end. */
  readonly children?: ComponentChildren
}

/** The way between the pages of one report. */
export function ReportPages({ current, children }: ReportPagesProps) {
  const { session } = useApp()
  const { pages: texts } = reportTexts()
  const isEditable = mayWrite(session.state.value)
  const shown = (['report', 'edit', 'versions', 'schedules'] as const).filter((page) => page !== 'edit' || isEditable)
  return (
    <>
      <div class="report-bar">
        <nav class="report-pages" aria-label={texts.label}>
          {shown.map((page) => (
            <AddressLink
              key={page}
              class="button"
              next={{ definition: formatPlace({ page }) }}
              isCurrent={page === current}
            >
              {texts[page]}
            </AddressLink>
          ))}
        </nav>
        {children}
      </div>
      {!isEditable && <ReadOnlyNote />}
    </>
  )
}

/** Why nothing can be changed. */
export function ReadOnlyNote() {
  return <p class="note">{reportTexts().readOnly}</p>
}

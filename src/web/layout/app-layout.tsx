import { useRef } from 'preact/hooks'
import { ToastList } from '../components/toast-list.tsx'
import { FilterBar } from '../controls/filter-bar.tsx'
import { DrillDownOutlet, isDrillDownShown } from '../drill-down/drill-down-outlet.tsx'
import { FiringBanner } from '../firing/firing-banner.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { Session } from '../state/session.ts'
import { viewOf } from '../views/views.ts'
import { ConnectionBanner, LiveIndicator } from './connection.tsx'
import { DownloadButtons } from './download-buttons.tsx'
import { Identity } from './identity.tsx'
import { Navigation } from './navigation.tsx'
import { PrintHeading } from './print-heading.tsx'
import { ViewContent } from './view-content.tsx'
import { ViewHeading } from './view-heading.tsx'

/** The layout around every view: navigation, title, filters and the signed-in user. */
export function AppLayout({ session }: { readonly session: Session }) {
  const { address } = useApp()
  const viewState = address.viewState.value
  const { view } = viewState
  const { isOfDefinitions = false, hasFile = () => true } = viewOf(view)
  const { layout, product } = messages()
  const heading = useRef<HTMLHeadingElement>(null)
  return (
    <div class="layout">
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          heading.current?.focus()
        }}
      >
        {layout.skip}
      </a>
      <header class="sidebar">
        <p class="brand">
          <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M8 23v-5M13.3 23V13M18.7 23v-7M24 23V9" />
          </svg>
          <span>{product}</span>
        </p>
        <Navigation current={view} />
        <Identity session={session} />
      </header>
      <main id="main">
        {isDrillDownShown(viewState, session) ? (
          <DrillDownOutlet heading={heading} />
        ) : (
          <>
            <PrintHeading session={session} />
            <div class="view-header">
              <ViewHeading heading={heading} />
              <div class="view-actions">
                <LiveIndicator />
                {hasFile(viewState) && <DownloadButtons view={viewOf(view)} />}
              </div>
            </div>
            {!isOfDefinitions && <FilterBar view={viewOf(view)} />}
            <ConnectionBanner />
            <FiringBanner viewState={viewState} />
            <ViewContent />
          </>
        )}
      </main>
      <ToastList />
    </div>
  )
}

import { useRef } from 'preact/hooks'
import { ToastList } from '../components/toast-list.tsx'
import { FilterBar } from '../controls/filter-bar.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { Session } from '../state/session.ts'
import { viewOf } from '../views/views.ts'
import { ConnectionBanner, LiveIndicator } from './connection.tsx'
import { DownloadButtons } from './download-buttons.tsx'
import { Identity } from './identity.tsx'
import { Navigation } from './navigation.tsx'
import { ViewContent } from './view-content.tsx'
import { ViewHeading } from './view-heading.tsx'

/** The layout around every view: navigation, title, filters and the signed-in user. */
export function AppLayout({ session }: { readonly session: Session }) {
  const { address } = useApp()
  const { view } = address.viewState.value
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
          <span class="brand-mark" aria-hidden="true" />
          {product}
        </p>
        <Navigation current={view} />
        <Identity session={session} />
      </header>
      <main id="main">
        <div class="view-header">
          <ViewHeading heading={heading} />
          <div class="view-actions">
            <LiveIndicator />
            <DownloadButtons view={viewOf(view)} />
          </div>
        </div>
        <FilterBar view={viewOf(view)} />
        <ConnectionBanner />
        <ViewContent />
      </main>
      <ToastList />
    </div>
  )
}

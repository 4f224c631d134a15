/**
 * The running page: it sends the queries of the current address and shows the responses until the address or the data changes.
 */
import type { DashboardName, DataOf } from '../analytics/dashboards/dashboards.ts'
import { type MessageCounts, ZERO_MESSAGE_COUNTS } from '../analytics/message-counts.ts'
import { type ViewState, parseViewState, formatViewState } from './state/view-state.ts'
import { type ApiResponse, ApiClient, ApiError } from './api/api-client.ts'
import { createViews, viewDefinition, type ViewId } from './views/views.ts'
import type { View } from './views/view.ts'
import { setChildren } from './dom.ts'
import { formatRange, formatTime } from './format.ts'
import { addLiveCounts } from './add-live-counts.ts'
import { followLiveUpdates, type LiveState, SILENCE_TIMEOUT_MS } from './api/live-updates.ts'
import { findTimeZone } from '../base/time-zone.ts'
import { periodsOf } from './state/periods.ts'
import { viewQueriesOf } from './state/view-queries.ts'
import { sessionIdentityOf, type Session } from './state/session.ts'
import { createControls } from './widgets/controls.ts'
import { createExportButtons } from './widgets/export-buttons.ts'
import { createLayout } from './widgets/layout.ts'
import { createEmptyMessage, createLoadingMessage, createErrorMessage } from './widgets/status-message.ts'

/** The delay after a server error without Retry-After. Without a retry, a page that receives no live updates would show old data indefinitely. */
const RETRY_MS = 5_000
/** A timer may fire slightly early. */
const TIMER_SLACK_MS = 50
/** The minimum time between two queries that follow live updates. */
const REFRESH_MS = 2_000

export interface PageOptions {
  readonly session: Session
  /** Called when the service rejects the session or the user signs out. */
  readonly endSession: (reason: 'expired' | 'signed-out' | 'another') => void
}

/** Starts the page for a session; returns a function that stops it. */
export function startPage(root: Element, { session, endSession }: PageOptions): () => void {
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  let viewState = parseViewState(location.search, browserZone)
  const api = new ApiClient(() => ({ credential: session.credential, tenant: viewState.tenant }))
  const pageAbort = new AbortController()
  /** Aborts the requests of the address that is shown; replaced with each address. */
  let viewAbort = new AbortController()
  let cancelRetry = () => {}
  /** The response objects on the screen: the same objects are not drawn again. */
  let shownResponses: readonly unknown[] = []

  const controls = createControls(navigate)
  const exportButtons = createExportButtons(api, () => viewQueriesOf(viewState, Date.now()).current)
  const layout = createLayout(controls.element, exportButtons, { navigate, signOut: () => endSession('signed-out') })
  const emptyMessageElement = createEmptyMessage()
  const viewOf = createViews((id) => navigate({ id }))

  window.addEventListener('popstate', () => showCurrentAddress(), { signal: pageAbort.signal })
  // The address includes the time zone; without it, a shared link would show other days in other zones.
  history.replaceState(null, '', formatViewState(viewState))
  setChildren(root, layout.element)
  showCurrentAddress()

  function navigate(next: Partial<ViewState>): void {
    history.pushState(null, '', formatViewState({ ...viewState, ...next }))
    showCurrentAddress()
  }

  function showCurrentAddress(): void {
    const previousState = viewState
    viewState = parseViewState(location.search, browserZone)
    layout.show(viewState)
    layout.showIdentity(sessionIdentityOf(session), viewState.tenant)
    controls.show(viewState)
    if (previousState.tenant !== viewState.tenant) api.clearCache()
    const keepsContent = previousState.view === viewState.view && previousState.tenant === viewState.tenant
    viewAbort.abort()
    viewAbort = new AbortController()
    void showView(viewState.view, keepsContent, AbortSignal.any([viewAbort.signal, pageAbort.signal]))
  }

  /** Shows a view and keeps it up to date until the signal aborts. */
  async function showView(view: ViewId, keepsContent: boolean, signal: AbortSignal): Promise<void> {
    cancelRetry()
    const renderedView = viewOf(view)
    if (keepsContent && layout.content.contains(renderedView.element)) layout.content.setAttribute('aria-busy', 'true')
    else setChildren(layout.content, createLoadingMessage())
    layout.showLive(undefined)
    try {
      await loadView(view, renderedView, signal)
      await followUpdates(view, renderedView, signal)
    } catch (error) {
      if (!signal.aborted) showError(error)
    }
  }

  async function loadView(view: ViewId, renderedView: View<DashboardName>, signal: AbortSignal): Promise<void> {
    const queries = viewQueriesOf(viewState, Date.now())
    const [current, previous, hourly] = await Promise.all([
      api.get<DataOf<DashboardName>>(queries.current, signal),
      // A failed comparison must not hide the view.
      api.get<DataOf<DashboardName>>(queries.previous, signal).catch(() => undefined),
      viewDefinition(view).needsHourly ? api.get<DataOf<DashboardName>>(queries.hourly, signal) : undefined,
    ])
    signal.throwIfAborted()
    showTimes(current)
    layout.content.removeAttribute('aria-busy')
    if (renderedView.isEmpty(current.data)) {
      // Set once: an update would discard the text that a user is copying.
      if (!layout.content.contains(emptyMessageElement)) setChildren(layout.content, emptyMessageElement)
      return
    }
    // Attached before the data is set, because a chart reads the width of its container.
    if (!layout.content.contains(renderedView.element)) setChildren(layout.content, renderedView.element)
    const responses = [viewState, current, previous, hourly]
    if (responses.every((response, index) => response === shownResponses[index])) return
    shownResponses = responses
    renderedView.show({
      current: current.data,
      previous: previous?.data,
      hourly: hourly?.data,
      zone: viewState.zone,
      granularity: queries.granularity ?? 'day',
    })
  }

  async function followUpdates(view: ViewId, renderedView: View<DashboardName>, signal: AbortSignal): Promise<void> {
    let totals: MessageCounts | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    signal.addEventListener('abort', () => clearTimeout(timer))
    const applyLiveTotals = () =>
      totals && layout.content.contains(renderedView.element) && renderedView.applyLiveTotals?.(totals)
    let state: LiveState | undefined
    let isLoading = false
    let refreshNotBefore = 0
    const refresh = async () => {
      timer = undefined
      if (isLoading || performance.now() < refreshNotBefore) return
      isLoading = true
      // While the page polls, a missing response is the only sign of a lost connection.
      const overdueTimer = setTimeout(() => state === 'polling' && layout.showLive('waiting'), SILENCE_TIMEOUT_MS)
      try {
        await loadView(view, renderedView, signal)
        applyLiveTotals()
        layout.showLive(state)
      } catch (error) {
        // The previous data stays visible; the live indicator shows that it is out of date.
        if (signal.aborted || !(error instanceof ApiError)) return
        if (error.status === 401) return endSession('expired')
        refreshNotBefore = performance.now() + (error.retryAfterMs ?? 0)
        layout.showLive('waiting')
        if (error.retryAfterMs === undefined && error.status < 500) return
        clearTimeout(timer)
        timer = setTimeout(() => void refresh(), (error.retryAfterMs ?? RETRY_MS) + TIMER_SLACK_MS)
      } finally {
        clearTimeout(overdueTimer)
        isLoading = false
      }
    }
    const refreshSoon = () => (timer ??= setTimeout(() => void refresh(), REFRESH_MS))
    await followLiveUpdates(
      api,
      viewQueriesOf(viewState, Date.now()).live,
      {
        snapshot(counts) {
          totals = addLiveCounts(ZERO_MESSAGE_COUNTS, counts)
          applyLiveTotals()
          refreshSoon()
        },
        delta(counts) {
          totals &&= addLiveCounts(totals, counts)
          applyLiveTotals()
          refreshSoon()
        },
        reset() {
          totals = undefined
          // The live totals may be wrong: the next response is drawn even if it is the same object as before.
          shownResponses = []
        },
        poll: () => void refresh(),
        state(next) {
          state = next
          layout.showLive(state)
        },
      },
      signal,
    )
  }

  function showError(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) return endSession('expired')
    layout.content.removeAttribute('aria-busy')
    const { element, stop } = createErrorMessage(error, {
      retry: showCurrentAddress,
      signIn: () => endSession('another'),
      reset: () => navigate(parseViewState(`?view=${viewState.view}`, browserZone)),
    })
    cancelRetry = stop
    setChildren(layout.content, element)
  }

  function showTimes({ meta }: ApiResponse<unknown>): void {
    const { days, includesToday } = periodsOf(viewState, Date.now())
    const { start, end } = dateRangeOf(viewState)
    layout.showPeriod(
      `${formatRange(start, end, viewState.zone)} · compared with the ${days === 1 ? 'day' : `${days} days`} before${includesToday ? ', up to the same time of day' : ''}`,
    )
    layout.showAsOf(`As of ${formatTime(meta.asOf, viewState.zone)}`)
  }

  return () => {
    cancelRetry()
    pageAbort.abort()
  }
}

/** The first and last day as instants, for display. */
function dateRangeOf({ dates, range, zone: name }: ViewState): { start: number; end: number } {
  const zone = findTimeZone(name)!
  const today = zone.localDate(Date.now())
  if (!dates) {
    const start = zone.startOfDay({ ...today, day: today.day - Number.parseInt(range, 10) })
    return { start, end: zone.startOfDay(today) }
  }
  const [start, end] = [dates.start, dates.end].map((date) => zone.toInstant(Date.parse(date)))
  return { start: start!, end: end! }
}

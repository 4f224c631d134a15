/**
 * Loads the data of the shown view and keeps it up to date. All numbers on the screen come from one load, so that cards, charts and tables always agree.
 */
import { effect, type ReadonlySignal, signal as createSignal } from '@preact/signals'
import type { ApiClient } from '../api/api-client.ts'
import { apiPath } from '../api/api-client.ts'
import { ApiError } from '../api/api-error.ts'
import { followLiveUpdates, SILENCE_TIMEOUT_MS } from '../api/live-updates.ts'
import type { LoadedData, View } from '../views/view.ts'
import type { Address } from './address.ts'
import { type Connection, ConnectionState } from './connection-state.ts'
import { dashboardQueriesOf } from './dashboard-queries.ts'
import { needsTenantChoice, type Session, type SessionStore, tenantOf } from './session.ts'
import type { ViewId, ViewState } from './view-state.ts'

/** The delay after a server error without Retry-After. Without a retry, a page that receives no live updates would show old data indefinitely. */
const RETRY_MS = 5_000
/** A timer may fire slightly early. */
const TIMER_SLACK_MS = 50
/** The minimum time between the starts of two loads that follow live updates. */
const REFRESH_MS = 1_000
/** Without events the numbers are read at this interval, because time passes: the running bucket ends, and a day begins. */
const IDLE_REFRESH_MS = 60_000
/** A load that takes long is repeated less often: at most this part of the time is spent on loading, as long as that delays no load for too long. */
const LOADING_SHARE = 1 / 4
const MAX_REFRESH_MS = 10_000

/** A view with its data. */
export interface ShownView extends LoadedData<unknown> {
  readonly view: View
  readonly viewState: ViewState
}

export interface ViewStatus {
  /** Undefined before the first data of a view. */
  readonly shown: ShownView | undefined
  /** Whether data for another address is on the screen until the new data arrives. */
  readonly isLoading: boolean
  /** The reason why there is no data. It stays until a retry has succeeded. */
  readonly error: unknown
}

interface Dependencies {
  readonly address: Address
  readonly session: SessionStore
  readonly api: ApiClient
  readonly viewOf: (id: ViewId) => View
}

const NOTHING: ViewStatus = { shown: undefined, isLoading: false, error: undefined }

export class ViewLoader {
  readonly #dependencies: Dependencies
  readonly #status = createSignal<ViewStatus>({ ...NOTHING, isLoading: true })
  readonly #connection = new ConnectionState()
  #abort = new AbortController()
  /** The session whose data is shown. */
  #session: Session | undefined
  #tenant: string | undefined
  #confirmedAt = 0
  readonly status: ReadonlySignal<ViewStatus> = this.#status
  readonly connection: ReadonlySignal<Connection> = this.#connection.connection
  /** Whether the browser has lost its network. */
  readonly isOffline: ReadonlySignal<boolean> = this.#connection.isOffline

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies
  }

  /** When the numbers were last known to be up to date, epoch milliseconds of the browser. */
  get confirmedAt(): number {
    return this.#confirmedAt
  }

  /** Follows the address and the session; returns a function that stops it. */
  start(): () => void {
    const { address, session } = this.#dependencies
    const stop = effect(() => {
      const viewState = address.viewState.value
      const state = session.state.value
      this.#abort.abort()
      if (state.kind === 'none') this.#clear()
      else if (state.kind === 'expired') this.#connection.reset()
      else this.#show(viewState, state.session)
    })
    // A lost network is noticed at once, and so is its return.
    const reload = () => this.retry()
    const wait = () => this.#connection.networkLost()
    window.addEventListener('online', reload)
    window.addEventListener('offline', wait)
    return () => {
      stop()
      this.#abort.abort()
      window.removeEventListener('online', reload)
      window.removeEventListener('offline', wait)
    }
  }

  /** Loads the current address again. What is on the screen stays until the result is known. */
  retry(): void {
    const state = this.#dependencies.session.state.peek()
    if (state.kind !== 'active') return
    this.#abort.abort()
    const { error } = this.#status.peek()
    this.#show(this.#dependencies.address.viewState.peek(), state.session)
    if (error !== undefined) this.#status.value = { ...this.#status.peek(), error }
  }

  #clear(): void {
    this.#dependencies.api.clearCache()
    this.#session = undefined
    this.#status.value = NOTHING
    this.#connection.reset()
  }

  #show(viewState: ViewState, session: Session): void {
    const isSameTenant = this.#takeOver(session, viewState)
    if (needsTenantChoice(session, viewState.tenant)) {
      this.#status.value = NOTHING
      return
    }
    this.#abort = new AbortController()
    const { shown } = this.#status.peek()
    // Another view starts with its skeleton; the same view keeps its content until the new data arrives.
    const isSameView = isSameTenant && shown?.viewState.view === viewState.view && shown.viewState.id === viewState.id
    const kept = isSameView ? shown : undefined
    const isLoaded = kept?.viewState === viewState
    this.#status.value = { shown: kept, isLoading: !isLoaded, error: undefined }
    void this.#follow(viewState, isLoaded, this.#abort.signal)
  }

  /** Remembers whose data is shown. Returns whether it is the same tenant as before; nothing of another one may stay on the screen. */
  #takeOver(session: Session, viewState: ViewState): boolean {
    const tenant = tenantOf(session, viewState.tenant)
    const isSameSession = session === this.#session
    const isSameTenant = tenant === this.#tenant && (isSameSession || tenant !== undefined)
    if (!isSameSession) this.#dependencies.api.clearCache()
    this.#session = session
    this.#tenant = tenant
    return isSameTenant
  }

  /** Shows a view and keeps it up to date until the signal aborts. */
  async #follow(viewState: ViewState, isLoaded: boolean, signal: AbortSignal): Promise<void> {
    try {
      if (!isLoaded) await this.#load(viewState, signal)
      await this.#followUpdates(viewState, isLoaded, signal)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  async #load(viewState: ViewState, signal: AbortSignal): Promise<void> {
    const { api, viewOf } = this.#dependencies
    const view = viewOf(viewState.view)
    const loaded = await view.load({ api, viewState, now: Date.now(), signal })
    signal.throwIfAborted()
    const { shown } = this.#status.peek()
    const isUnchanged = shown?.viewState === viewState && haveSameParts(shown.data, loaded.data)
    // Unchanged data keeps its identity, so that nothing is drawn again.
    const data = isUnchanged ? shown.data : loaded.data
    this.#status.value = { shown: { view, viewState, data, asOf: loaded.asOf }, isLoading: false, error: undefined }
    this.#confirmedAt = Date.now()
    this.#connection.loadSucceeded()
  }

  async #followUpdates(viewState: ViewState, isOutdatedAtStart: boolean, signal: AbortSignal): Promise<void> {
    const { api, viewOf } = this.#dependencies
    let timer: ReturnType<typeof setTimeout> | undefined
    const idleTimer = setInterval(() => document.visibilityState === 'visible' && refreshSoon(), IDLE_REFRESH_MS)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      clearInterval(idleTimer)
    })
    let isLoading = false
    let isOutdated = false
    let notBefore = isOutdatedAtStart ? 0 : performance.now() + REFRESH_MS

    const refresh = async () => {
      timer = undefined
      if (isLoading) return
      isLoading = true
      isOutdated = false
      // Without a stream, a missing response is the only sign of a lost connection.
      const overdueTimer = setTimeout(
        () => !this.#connection.hasStream && this.#connection.loadFailed(),
        SILENCE_TIMEOUT_MS,
      )
      const startedAt = performance.now()
      try {
        await this.#load(viewState, signal)
        const intervalMs = Math.min(MAX_REFRESH_MS, (performance.now() - startedAt) / LOADING_SHARE)
        notBefore = startedAt + Math.max(REFRESH_MS, intervalMs)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof ApiError) || (error.retryAfterMs === undefined && error.status < 500))
          return this.#fail(error, signal)
        // The previous data stays visible; the connection shows that it is out of date.
        this.#connection.loadFailed()
        notBefore = performance.now() + (error.retryAfterMs ?? RETRY_MS)
        isOutdated = true
      } finally {
        clearTimeout(overdueTimer)
        isLoading = false
        if (isOutdated && !signal.aborted) refreshSoon()
      }
    }
    const refreshSoon = () => {
      isOutdated = true
      timer ??= setTimeout(() => void refresh(), Math.max(0, notBefore - performance.now()) + TIMER_SLACK_MS)
    }
    if (isOutdatedAtStart) refreshSoon()
    await followLiveUpdates(
      api,
      apiPath('live', dashboardQueriesOf(viewState, viewOf(viewState.view).controls, Date.now()).live),
      {
        onChange: refreshSoon,
        onPoll: refreshSoon,
        onState: (state) => {
          if (state === 'live') this.#confirmedAt = Date.now()
          this.#connection.streamChanged(state)
        },
      },
      signal,
    )
  }

  /** Stops following a view: the session expires and the view stays, or the reason is shown in place of the view. */
  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    this.#abort.abort()
    if (error instanceof ApiError && error.status === 401) this.#dependencies.session.expire()
    else {
      this.#connection.reset()
      this.#status.value = { shown: undefined, isLoading: false, error }
    }
  }
}

function haveSameParts(a: unknown, b: unknown): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return Object.keys(right).every((key) => left[key] === right[key])
}

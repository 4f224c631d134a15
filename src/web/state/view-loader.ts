/**
 * Loads the data of the shown view and keeps it up to date. All numbers on the screen come from one load, so that cards, charts and tables always agree.
 */
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import type { ApiClient } from '../api/api-client.ts'
import { apiPath } from '../api/api-client.ts'
import { ApiError } from '../api/api-error.ts'
import { followLiveUpdates, type LiveState, SILENCE_TIMEOUT_MS } from '../api/live-updates.ts'
import type { LoadedData, View } from '../views/view.ts'
import type { Address } from './address.ts'
import { dashboardQueriesOf } from './dashboard-queries.ts'
import type { SessionStore } from './session.ts'
import type { ViewId, ViewState } from './view-state.ts'

/** The delay after a server error without Retry-After. Without a retry, a page that receives no live updates would show old data indefinitely. */
const RETRY_MS = 5_000
/** A timer may fire slightly early. */
const TIMER_SLACK_MS = 50
/** The minimum time between the starts of two loads that follow live updates. */
const REFRESH_MS = 1_000
/** A load that takes long is repeated less often: at most this part of the time is spent on loading. */
const LOADING_SHARE = 1 / 4

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
  /** The reason why there is no data. */
  readonly error: unknown
}

/** `connecting` until the first sign of the stream. */
export type Connection = 'connecting' | LiveState

interface Dependencies {
  readonly address: Address
  readonly session: SessionStore
  readonly api: ApiClient
  readonly viewOf: (id: ViewId) => View
}

export class ViewLoader {
  readonly #dependencies: Dependencies
  readonly #status = signal<ViewStatus>({ shown: undefined, isLoading: true, error: undefined })
  readonly #connection = signal<Connection>('connecting')
  #abort = new AbortController()
  readonly status: ReadonlySignal<ViewStatus> = this.#status
  readonly connection: ReadonlySignal<Connection> = this.#connection

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies
  }

  /** Follows the address and the session; returns a function that stops it. */
  start(): () => void {
    const { address, session } = this.#dependencies
    const stop = effect(() => {
      const viewState = address.viewState.value
      if (session.state.value.kind === 'active') this.#show(viewState)
      else this.#abort.abort()
    })
    // A lost network is noticed at once, and so is its return.
    const reload = () => this.retry()
    const wait = () => (this.#connection.value = 'waiting')
    window.addEventListener('online', reload)
    window.addEventListener('offline', wait)
    return () => {
      stop()
      this.#abort.abort()
      window.removeEventListener('online', reload)
      window.removeEventListener('offline', wait)
    }
  }

  /** Loads the current address again. */
  retry(): void {
    if (this.#dependencies.session.state.peek().kind === 'active')
      this.#show(this.#dependencies.address.viewState.peek())
  }

  #show(viewState: ViewState): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    const { shown } = this.#status.peek()
    // Another view starts with its skeleton; the same view keeps its content until the new data arrives.
    const isSameView =
      shown?.viewState.view === viewState.view &&
      shown.viewState.tenant === viewState.tenant &&
      shown.viewState.id === viewState.id
    this.#status.value = { shown: isSameView ? shown : undefined, isLoading: true, error: undefined }
    void this.#follow(viewState, this.#abort.signal)
  }

  /** Shows a view and keeps it up to date until the signal aborts. */
  async #follow(viewState: ViewState, signal: AbortSignal): Promise<void> {
    try {
      await this.#load(viewState, signal)
      await this.#followUpdates(viewState, signal)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ApiError && error.status === 401) return this.#dependencies.session.expire()
      this.#status.value = { shown: undefined, isLoading: false, error }
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
  }

  async #followUpdates(viewState: ViewState, signal: AbortSignal): Promise<void> {
    const { api, viewOf, session } = this.#dependencies
    let timer: ReturnType<typeof setTimeout> | undefined
    signal.addEventListener('abort', () => clearTimeout(timer))
    let state: Connection = this.#connection.peek()
    let isLoading = false
    let isOutdated = false
    let notBefore = performance.now() + REFRESH_MS

    const refresh = async () => {
      timer = undefined
      if (isLoading) return
      isLoading = true
      isOutdated = false
      // While the page polls, a missing response is the only sign of a lost connection.
      const overdueTimer = setTimeout(
        () => state === 'polling' && (this.#connection.value = 'waiting'),
        SILENCE_TIMEOUT_MS,
      )
      const startedAt = performance.now()
      try {
        await this.#load(viewState, signal)
        this.#connection.value = state
        notBefore = startedAt + Math.max(REFRESH_MS, (performance.now() - startedAt) / LOADING_SHARE)
      } catch (error) {
        // The previous data stays visible; the connection shows that it is out of date.
        if (signal.aborted || !(error instanceof ApiError)) return
        if (error.status === 401) return session.expire()
        this.#connection.value = 'waiting'
        if (error.retryAfterMs === undefined && error.status < 500) return
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
    await followLiveUpdates(
      api,
      apiPath('live', dashboardQueriesOf(viewState, viewOf(viewState.view).controls, Date.now()).live),
      {
        onChange: refreshSoon,
        onPoll: refreshSoon,
        onState: (next) => {
          state = next
          this.#connection.value = next
        },
      },
      signal,
    )
  }
}

function haveSameParts(a: unknown, b: unknown): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return Object.keys(right).every((key) => left[key] === right[key])
}

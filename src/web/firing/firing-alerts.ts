/** The alerts that fire, for the navigation and for the views that they are about: one request for all of them, repeated while the numbers of the shown view change. */
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import { type ApiClient, apiPath } from '../api/api-client.ts'
import { ApiError } from '../api/api-error.ts'
import type { Address } from '../state/address.ts'
import { needsTenantChoice, type Session, type SessionStore } from '../state/session.ts'
import type { ViewLoader } from '../state/view-loader.ts'

/** Rules are judged once a minute at most. */
const READ_INTERVAL_MS = 30_000

interface Dependencies {
  readonly api: ApiClient
  readonly address: Address
  readonly session: SessionStore
  readonly loader: Pick<ViewLoader, 'status'>
}

export class FiringAlerts {
  readonly #dependencies: Dependencies
  readonly #alerts = signal<readonly ShownAlert[]>([])
  #abort = new AbortController()
  /** Whose alerts these are. */
  #owner: { readonly session: Session; readonly tenant: string | undefined } | undefined
  #readAt = -Infinity
  readonly alerts: ReadonlySignal<readonly ShownAlert[]> = this.#alerts

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies
  }

  /** Reads the alerts after the first numbers of a session, and again after later ones. */
  start(): void {
    const { session, address, loader } = this.#dependencies
    effect(() => {
      const state = session.state.value
      const { tenant } = address.viewState.value
      const asOf = loader.status.value.shown?.asOf
      if (state.kind !== 'active' || needsTenantChoice(state.session, tenant)) return this.#forget()
      if (this.#owner?.session !== state.session || this.#owner.tenant !== tenant) {
        this.#forget()
        this.#owner = { session: state.session, tenant }
      }
      if (asOf !== undefined && performance.now() - this.#readAt >= READ_INTERVAL_MS) void this.refresh()
    })
  }

  /** Reads the alerts now, as after a change of one. */
  async refresh(): Promise<void> {
    this.#abort.abort()
    const { signal: aborted } = (this.#abort = new AbortController())
    this.#readAt = performance.now()
    try {
      const { data } = await this.#dependencies.api.read<{ readonly alerts: readonly ShownAlert[] }>(
        apiPath('alerts', {}),
        aborted,
      )
      if (!aborted.aborted) this.#alerts.value = firingOf(data.alerts)
    } catch (error) {
      // The views do not depend on it. A service without alerts is not asked again.
      if (error instanceof ApiError && [403, 404].includes(error.status)) this.#readAt = Infinity
    }
  }

  #forget(): void {
    this.#abort.abort()
    this.#owner = undefined
    this.#readAt = -Infinity
    this.#alerts.value = []
  }
}

/** The enabled rules of which a series fires. */
function firingOf(alerts: readonly ShownAlert[]): readonly ShownAlert[] {
  return alerts.filter(
    ({ enabled, state, states }) =>
      enabled !== false && state !== 'stale' && states.some((series) => series.state === 'firing'),
  )
}

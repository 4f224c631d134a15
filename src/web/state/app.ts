import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ApiClient } from '../api/api-client.ts'
import type { FiringAlerts } from '../firing/firing-alerts.ts'
import type { Address } from './address.ts'
import type { SessionStore } from './session.ts'
import type { Toasts } from './toasts.ts'
import type { ViewLoader } from './view-loader.ts'

/** The parts of the running page that components use. */
export interface App {
  readonly address: Address
  readonly session: SessionStore
  readonly api: ApiClient
  readonly loader: ViewLoader
  readonly toasts: Toasts
  readonly firing: FiringAlerts
}

export const AppContext = createContext<App | undefined>(undefined)

export function useApp(): App {
  return useContext(AppContext)!
}

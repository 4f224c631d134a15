/**
 * The paths of the service and who may request them. A path that is not listed as public needs a token or an API key, so a new route is closed until it is opened here.
 */
import { CONTACTS_SCOPE, EXPORT_SCOPE, READ_SCOPE, type Scope, WRITE_SCOPE } from './auth/scopes.ts'

/** The parent path of every route that needs credentials. */
export const API_PATH = '/api/v1/analytics'

interface RouteAccess {
  /** As it is registered, with `:name` for a variable part. */
  readonly path: string
  /** `public`, or the scope that a credential needs. */
  readonly access: 'public' | Scope
  /** The scope that a credential needs for the response as a file. */
  readonly fileAccess?: Scope
  /** The scope that a credential needs for requests that change something. */
  readonly changeAccess?: Scope
  /** Whether the path with a slash at its end is public too. Without it, a reverse proxy can have a rule for exactly this path. */
  readonly allowsTrailingSlash?: true
  /** The texts that may stand in a variable part; a path with any other text needs credentials. */
  readonly variable?: string
}

export const ROUTES = {
  index: { path: '/', access: 'public' },
  icon: { path: '/favicon.ico', access: 'public' },
  health: { path: '/health', access: 'public', allowsTrailingSlash: true },
  liveness: { path: '/health/live', access: 'public' },
  readiness: { path: '/health/ready', access: 'public' },
  metrics: { path: '/metrics', access: 'public' },
  docs: { path: '/docs', access: 'public', allowsTrailingSlash: true },
  openApi: { path: '/docs/json', access: 'public' },
  eventsDocument: { path: '/docs/events.json', access: 'public' },
  docsAsset: { path: '/docs/assets/:name', access: 'public', variable: '[a-z0-9.-]+' },
  page: { path: '/dashboard', access: 'public', allowsTrailingSlash: true },
  pageAsset: { path: '/dashboard/assets/:name', access: 'public', variable: '[A-Za-z0-9._-]+' },
  signIn: { path: '/dashboard/session', access: 'public' },
  unsubscribe: { path: '/unsubscribe/:token', access: 'public', variable: '[A-Za-z0-9._-]+' },
  dashboard: { path: `${API_PATH}/:dashboard`, access: READ_SCOPE, fileAccess: EXPORT_SCOPE },
  eventsSearch: { path: `${API_PATH}/events/search`, access: CONTACTS_SCOPE },
  messagesSearch: { path: `${API_PATH}/messages/search`, access: CONTACTS_SCOPE, fileAccess: EXPORT_SCOPE },
  message: { path: `${API_PATH}/messages/:messageId`, access: CONTACTS_SCOPE },
  contact: { path: `${API_PATH}/contacts/:contactId`, access: CONTACTS_SCOPE },
  query: { path: `${API_PATH}/query`, access: READ_SCOPE, fileAccess: EXPORT_SCOPE },
  querySchema: { path: `${API_PATH}/query/schema`, access: READ_SCOPE },
  cohorts: { path: `${API_PATH}/cohorts`, access: READ_SCOPE, fileAccess: EXPORT_SCOPE },
  cohortMembers: { path: `${API_PATH}/cohorts/members`, access: CONTACTS_SCOPE },
  funnels: { path: `${API_PATH}/funnels`, access: READ_SCOPE, fileAccess: EXPORT_SCOPE },
  funnelPresets: { path: `${API_PATH}/funnels/presets`, access: READ_SCOPE },
  funnelMembers: { path: `${API_PATH}/funnels/members`, access: CONTACTS_SCOPE },
  reports: { path: `${API_PATH}/reports`, access: READ_SCOPE, changeAccess: WRITE_SCOPE },
  report: { path: `${API_PATH}/reports/:reportId`, access: READ_SCOPE, changeAccess: WRITE_SCOPE },
  reportVersions: { path: `${API_PATH}/reports/:reportId/versions`, access: READ_SCOPE },
  reportRun: { path: `${API_PATH}/reports/:reportId/run`, access: READ_SCOPE, fileAccess: EXPORT_SCOPE },
  schedules: { path: `${API_PATH}/schedules`, access: READ_SCOPE, changeAccess: WRITE_SCOPE },
  schedule: { path: `${API_PATH}/schedules/:scheduleId`, access: READ_SCOPE, changeAccess: WRITE_SCOPE },
  alerts: { path: `${API_PATH}/alerts`, access: READ_SCOPE, changeAccess: WRITE_SCOPE },
  alertPresets: { path: `${API_PATH}/alerts/presets`, access: READ_SCOPE },
  alertBacktest: { path: `${API_PATH}/alerts/backtest`, access: READ_SCOPE },
  alert: { path: `${API_PATH}/alerts/:alertId`, access: READ_SCOPE, changeAccess: WRITE_SCOPE },
  alertHistory: { path: `${API_PATH}/alerts/:alertId/history`, access: READ_SCOPE },
  alertSnooze: { path: `${API_PATH}/alerts/:alertId/snooze`, access: WRITE_SCOPE },
  scheduleTest: { path: `${API_PATH}/schedules/:scheduleId/test`, access: WRITE_SCOPE },
  deliveries: { path: `${API_PATH}/schedules/:scheduleId/deliveries`, access: READ_SCOPE },
  resend: { path: `${API_PATH}/schedules/:scheduleId/deliveries/:deliveryId/resend`, access: WRITE_SCOPE },
  live: { path: `${API_PATH}/live`, access: READ_SCOPE },
  liveSocket: { path: `${API_PATH}/live/ws`, access: READ_SCOPE },
  liveTicket: { path: `${API_PATH}/live/ticket`, access: READ_SCOPE },
} as const satisfies Readonly<Record<string, RouteAccess>>

const ALL_ROUTES: readonly RouteAccess[] = Object.values(ROUTES)
const PUBLIC_PATTERNS = ALL_ROUTES.filter(({ access }) => access === 'public').map(
  ({ path, variable = '', allowsTrailingSlash }) =>
    pathPattern(path, variable, allowsTrailingSlash === true ? '/?' : ''),
)
const LISTED_PATTERNS = ALL_ROUTES.map(({ path }) => pathPattern(path, '[^/]+', '/?'))

/** Whether anyone may request the path. */
export function isPublicPath(path: string): boolean {
  return PUBLIC_PATTERNS.some((pattern) => pattern.test(path))
}

/** Whether the path is of a health check or of the metrics, which are requested every few seconds: their log lines are for the level `debug`. */
export function isProbePath(path: string): boolean {
  return (
    path === ROUTES.metrics.path ||
    withoutTrailingSlash(path) === ROUTES.health.path ||
    path.startsWith(`${ROUTES.health.path}/`)
  )
}

/** The router treats a path with a slash at its end like the same path without it. */
export function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** Throws when a registered route is not in the list: its access would be decided nowhere. */
export function requireListed(routes: readonly { readonly path: string }[]): void {
  for (const { path } of routes)
    if (!LISTED_PATTERNS.some((pattern) => pattern.test(path)))
      throw new Error(`The route ${path} has to be listed, with its access, in src/http/routes.ts.`)
}

function pathPattern(path: string, variable: string, end: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, variable)}${end}$`)
}

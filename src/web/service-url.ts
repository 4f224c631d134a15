/** What the page knows of its own address. */
type OwnAddress = Pick<Location, 'origin' | 'pathname'>

/**
 * The whole address of something the service has, such as `api/v1/analytics/overview`. The page is at `dashboard` itself, so that whatever a proxy put before that
 * is before everything else too. It is always of the page's own origin.
 */
export function serviceUrl(path: string, own: OwnAddress = location): string {
  return new URL(path, own.origin + own.pathname.replace(/dashboard\/?$/, '')).href
}

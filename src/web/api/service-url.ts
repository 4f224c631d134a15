/** What the page knows of its own address. */
type PageLocation = Pick<Location, 'origin' | 'pathname'>

/**
 * The whole address of something the service has, such as `api/v1/analytics/overview`. The page is at `dashboard` itself, so that whatever a proxy put before that
 * is before everything else too. It is always of the page's own origin.
 */
export function serviceUrl(path: string, pageLocation: PageLocation = location): string {
  return new URL(path, pageLocation.origin + pageLocation.pathname.replace(/dashboard\/?$/, '')).href
}

/** Addresses of the service, relative to the page. */
type PageLocation = Pick<Location, 'origin' | 'pathname'>

/**
 * Returns the absolute URL of a path of the service, such as `api/v1/analytics/overview`. The page is at `dashboard`, so a path prefix that a proxy adds to the page
 * applies to every other path. The URL always has the origin of the page.
 */
export function serviceUrl(path: string, pageLocation: PageLocation = location): string {
  return new URL(path, pageLocation.origin + pageLocation.pathname.replace(/dashboard\/?$/, '')).href
}

import { describe, expect, test } from 'bun:test'
import { MethodNotAllowed, RouteTable } from '../../../../src/http/pipeline/routing/route-table.ts'
import { isPublicPath, requireListed } from '../../../../src/http/routes.ts'

describe('the routes of an app', () => {
  const table = new RouteTable([
    { method: 'POST', path: '/one' },
    { method: 'GET', path: '/two/' },
    { method: 'GET', path: '/three' },
    { method: 'POST', path: '/three' },
    { method: 'GET', path: '/files/:name' },
    { method: 'GET', path: '/files/index.js' },
  ])

  test.each([
    ['GET', '/two', '/two/'],
    ['GET', '/two/', '/two/'],
    ['HEAD', '/three', '/three'],
    ['POST', '/three/', '/three'],
    ['GET', '/files/index.js', '/files/index.js'],
    ['GET', '/files/index-js', '/files/:name'],
    ['GET', '/files/x/', '/files/:name'],
  ])('%s %s is routed to %s', (method, path, route) => {
    expect(table.find(method, path).path).toBe(route)
  })

  test.each(['/files/%ff', '/files/%', '/files/a%2'])('%s is refused as it is not percent-encoded', (path) => {
    expect(() => table.find('GET', path)).toThrow('The request has invalid parameters.')
    expect(table.find('GET', '/files/%C3%A9').path).toBe('/files/:name')
  })

  test.each([
    ['GET', '/one', 'Only POST is allowed here.', ['POST']],
    ['GET', '/one/', 'Only POST is allowed here.', ['POST']],
    ['POST', '/two', 'Only GET and HEAD are allowed here.', ['GET', 'HEAD']],
    ['PUT', '/three', 'Only GET, HEAD and POST are allowed here.', ['GET', 'HEAD', 'POST']],
    ['GET', '/four', 'There is nothing here. GET / says where things are.', undefined],
    ['POST', '/files/x', 'Only GET and HEAD are allowed here.', ['GET', 'HEAD']],
    ['GET', '/files/x/y', 'There is nothing here. GET / says where things are.', undefined],
  ])('%s %s has no route and is refused: %s', (method, path, message, allowedMethods) => {
    let thrown: unknown
    try {
      table.find(method, path)
    } catch (error) {
      thrown = error
    }
    expect((thrown as Error).message).toBe(message)
    expect(thrown instanceof MethodNotAllowed ? thrown.allowedMethods : undefined).toEqual(allowedMethods)
  })

  test('have paths without texts of clients, by which the audit trail and the log name them', () => {
    expect(
      ['/one', '/two', '/two/', '/four', '/one/x', '/files/x', ''].map((path) => table.registeredPathOf(path)),
    ).toEqual(['/one', '/two', '/two', 'none', 'none', '/files/:name', 'none'])
    expect(['/two/', '/four', '/files/x', '/files/index.js'].map((path) => table.loggedPathOf(path))).toEqual([
      '/two/',
      '/four',
      '/files/:name',
      '/files/index.js',
    ])
  })
})

describe('the list of routes', () => {
  test.each(['/', '/health', '/health/', '/health/live', '/metrics', '/docs/', '/docs/assets/init.js', '/dashboard'])(
    '%s is public',
    (path) => expect(isPublicPath(path)).toBe(true),
  )

  test.each([
    '/health/live/',
    '/metrics/',
    '/docs/json/',
    '/docs/assets/',
    '/docs/assets/A.js',
    '/docs/assets/a/b',
    '/dashboardx',
    '/api/v1/analytics/overview',
    '/unknown',
    '',
  ])('%s needs credentials', (path) => expect(isPublicPath(path)).toBe(false))

  test('has every route of an app', () => {
    expect(() => requireListed([{ path: '/health/live' }, { path: '/docs/' }])).not.toThrow()
    expect(() => requireListed([{ path: '/health/other' }])).toThrow('The route /health/other has to be listed')
  })
})

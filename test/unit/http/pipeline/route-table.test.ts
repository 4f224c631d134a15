import { describe, expect, test } from 'bun:test'
import { RouteTable } from '../../../../src/http/pipeline/route-table.ts'

describe('the paths of an app', () => {
  const known = new RouteTable()
  known.register([
    { method: 'POST', path: '/one' },
    { method: 'GET', path: '/two/' },
    { method: 'GET', path: '/three' },
    { method: 'POST', path: '/three' },
  ])

  test.each([
    ['/one', 'Only POST is allowed here.', ['POST']],
    ['/one/', 'Only POST is allowed here.', ['POST']],
    ['/two', 'Only GET and HEAD are allowed here.', ['GET', 'HEAD']],
    ['/three', 'Only GET, HEAD and POST are allowed here.', ['GET', 'HEAD', 'POST']],
    ['/four', 'There is nothing here. GET / says where things are.', []],
  ])('a request for %s that has no route is told %j', (path, sentence, methods) => {
    const missing = known.explainNoMatch(path)
    expect([missing.failure.message, missing.methods]).toEqual([sentence, methods])
  })

  test('are known, whatever a stranger writes', () => {
    expect(['/one', '/two', '/two/', '/four', '/one/x', ''].map((path) => known.routeOf(path))).toEqual([
      '/one',
      '/two',
      '/two',
      'none',
      'none',
      'none',
    ])
  })
})

import { expect, test } from 'bun:test'
import { expandScopes } from '../../../../src/http/auth/scopes.ts'

const [READ, EXPORT, CONTACTS, WRITE, ADMIN] = [
  'analytics:read',
  'analytics:export',
  'analytics:contacts',
  'analytics:write',
  'analytics:admin',
] as const

test.each([
  [[], []],
  [[READ], [READ]],
  [[EXPORT], [EXPORT]],
  [[CONTACTS], [CONTACTS]],
  [[WRITE], [WRITE]],
  [[ADMIN], [ADMIN, CONTACTS, EXPORT, READ, WRITE]],
  [
    [READ, EXPORT, READ],
    [EXPORT, READ],
  ],
  [['profile', '', 'ANALYTICS:READ', 'analytics:*', 'constructor', '__proto__'], []],
])('the scopes %j allow %j', (named, allowed) => {
  expect([...expandScopes(named)].toSorted()).toEqual(allowed)
})

import { expect, test } from 'bun:test'
import { expandScopes } from '../../../../src/http/auth/scopes.ts'

const [READ, EXPORT, CONTACTS, ADMIN] = [
  'analytics:read',
  'analytics:export',
  'analytics:contacts',
  'analytics:admin',
] as const

test.each([
  [[], []],
  [[READ], [READ]],
  [[EXPORT], [EXPORT]],
  [[CONTACTS], [CONTACTS]],
  [[ADMIN], [ADMIN, CONTACTS, EXPORT, READ]],
  [
    [READ, EXPORT, READ],
    [EXPORT, READ],
  ],
  [['profile', '', 'ANALYTICS:READ', 'analytics:*', 'constructor', '__proto__'], []],
])('the scopes %j allow %j', (named, allowed) => {
  expect([...expandScopes(named)].toSorted()).toEqual(allowed)
})

import { expect, test } from 'bun:test'
import type { ByteInterner } from '../../../../src/events/block/byte-interner.ts'
import { AccountTable } from '../../../../src/ingest/accounting/account-table.ts'
import { Ledger } from '../../../../src/ingest/accounting/ledger.ts'

const scannedOf = (tenantId: string) => ({ tenantIn: (tenantIds: ByteInterner) => tenantIds.internText(tenantId) })

test('finds the account that the ledger has for the tenant', () => {
  const ledger = new Ledger()
  const table = new AccountTable(ledger)
  for (const tenantId of ['a', 'b', 'a']) expect(table.accountOf(scannedOf(tenantId))).toBe(ledger.accountOf(tenantId))
})

test('finds no released account, and marks the account as active', () => {
  const ledger = new Ledger()
  const table = new AccountTable(ledger)
  const released = table.accountOf(scannedOf('a'))
  ledger.release(released)
  const account = table.accountOf(scannedOf('a'))
  expect(account).not.toBe(released)
  account.isRecent = false
  expect(table.accountOf(scannedOf('a'))).toBe(account)
  expect([account.isRecent, account.isReleased]).toEqual([true, false])
})

test('finds the accounts of more tenants than it keeps', () => {
  const ledger = new Ledger()
  const table = new AccountTable(ledger)
  const wrong: string[] = []
  for (let round = 0; round < 2; round++)
    for (let tenant = 0; tenant < 25_000; tenant++)
      if (table.accountOf(scannedOf(`t${tenant}`)) !== ledger.accountOf(`t${tenant}`)) wrong.push(`t${tenant}`)
  expect(wrong).toEqual([])
})

import { describe, expect, test } from 'bun:test'
import { tenantSettingSql } from '../../../src/clickhouse/connection/tenant-setting.ts'
import { ConfigError, parseConfig } from '../../../src/config.ts'

describe('the tenant among the settings', () => {
  test('stands there for a wall alone', () => {
    expect(tenantSettingSql({ tenantSetting: undefined }, 'tenant-1')).toBe('')
    expect(tenantSettingSql({ tenantSetting: 'SQL_tenant' }, 'A.z_9:-')).toBe(", SQL_tenant = 'A.z_9:-'")
  })

  test.each(['', "a'", 'a\\', "a', readonly = 0", 'a\n', 'ä', 'a'.repeat(129)])(
    '%j is no tenant and gets nowhere near',
    (text) => {
      expect(() => tenantSettingSql({ tenantSetting: 'SQL_tenant' }, text)).toThrow('has to be a tenant')
    },
  )
})

describe('the reader', () => {
  const SERVER = { CLICKHOUSE_URL: 'http://db:8123', JWT_SECRET: 'x'.repeat(32) }
  const READER = { CLICKHOUSE_READER_USER: 'dashboards', CLICKHOUSE_READER_PASSWORD: 'p' }

  test('is a user with a password, on a server', () => {
    expect(parseConfig({ ...SERVER, ...READER }).clickhouseReader).toEqual({ user: 'dashboards', password: 'p' })
    expect(parseConfig(SERVER).clickhouseReader).toBeUndefined()
  })

  test.each([
    ['on the embedded engine', READER],
    ['without a password', { ...SERVER, CLICKHOUSE_READER_USER: 'dashboards' }],
    ['without a name', { ...SERVER, CLICKHOUSE_READER_PASSWORD: 'p' }],
    ['who is the writer', { ...SERVER, ...READER, CLICKHOUSE_USER: 'dashboards' }],
    ['who is the writer by default', { ...SERVER, ...READER, CLICKHOUSE_READER_USER: 'default' }],
    ['whose name is SQL', { ...SERVER, ...READER, CLICKHOUSE_READER_USER: 'a`; DROP' }],
  ])('%s is refused', (_, environment) => {
    expect(() => parseConfig(environment)).toThrow(ConfigError)
  })
})

import { describe, expect, test } from 'bun:test'
import { tenantSettingSql } from '../../../../src/clickhouse/connection/tenant-setting.ts'
import { ConfigError, parseConfig } from '../../../../src/config.ts'

describe('the tenant setting of a query', () => {
  test('is set only where there are row policies', () => {
    expect(tenantSettingSql({ tenantSetting: undefined }, 'tenant-1')).toBe('')
    expect(tenantSettingSql({ tenantSetting: 'SQL_tenant' }, 'A.z_9:-')).toBe(", SQL_tenant = 'A.z_9:-'")
  })

  test.each(['', "a'", 'a\\', "a', readonly = 0", 'a\n', 'ä', 'a'.repeat(129)])(
    'rejects %j, which is not a tenant id',
    (text) => {
      expect(() => tenantSettingSql({ tenantSetting: 'SQL_tenant' }, text)).toThrow('Invalid tenant id.')
    },
  )
})

describe('the reading user', () => {
  const SERVER = { CLICKHOUSE_URL: 'http://db:8123', JWT_SECRET: 'x'.repeat(32) }
  const READER = { CLICKHOUSE_READER_USER: 'dashboards', CLICKHOUSE_READER_PASSWORD: 'p' }

  test('has a name and a password, on a server', () => {
    expect(parseConfig({ ...SERVER, ...READER }).clickhouseReader).toEqual({ user: 'dashboards', password: 'p' })
    expect(parseConfig(SERVER).clickhouseReader).toBeUndefined()
  })

  test.each([
    ['on the embedded engine', READER],
    ['without a password', { ...SERVER, CLICKHOUSE_READER_USER: 'dashboards' }],
    ['without a name', { ...SERVER, CLICKHOUSE_READER_PASSWORD: 'p' }],
    ['that is the writer', { ...SERVER, ...READER, CLICKHOUSE_USER: 'dashboards' }],
    ['that is the default writer', { ...SERVER, ...READER, CLICKHOUSE_READER_USER: 'default' }],
    ['whose name contains SQL', { ...SERVER, ...READER, CLICKHOUSE_READER_USER: 'a`; DROP' }],
  ])('%s is rejected', (_, environment) => {
    expect(() => parseConfig(environment)).toThrow(ConfigError)
  })
})

import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ConfigError, parseConfig, VARIABLES } from '../../src/config.ts'
import { withConfigurationTable } from '../support/repository/configuration-table.ts'

type Environment = Readonly<Record<string, string | undefined>>

const compose = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true }) as {
  readonly services: Readonly<
    Record<string, { readonly environment?: Record<string, string | null>; readonly secrets?: readonly string[] }>
  >
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}
const { services, secrets } = compose

/** Variables that compose does not forward, with the reason. */
const NOT_FORWARDED: Readonly<Record<string, string>> = {
  PORT: 'the image sets it; HTTP_PORT and HTTP_BIND say where it is published',
  HOST: 'the image sets it: a container has one address',
  DATA_DIR: 'the image sets it, to what is mounted there',
  UV_THREADPOOL_SIZE: 'for the embedded engine, which the image does not contain',
}
/** The variables that every start of compose requires. */
const REQUIRED = { NATS_PASSWORD: 'n', CLICKHOUSE_PASSWORD: 'c' }
const SECRET = 'a secret of 32 bytes, no less... '

/** A value as compose reads it. Throws the message of a required variable that is not set. */
function interpolated(value: string, outside: Environment): string {
  return value.replace(/\$\{(\w+)(?:(:?[-+?])([^}]*))?\}/g, (_, name: string, operator = '', words = '') => {
    const given = outside[name]
    const isSet = operator.startsWith(':') ? given !== undefined && given !== '' : given !== undefined
    if (operator.endsWith('?') && !isSet) throw new Error(words)
    if (operator.endsWith('+')) return isSet ? words : ''
    return isSet ? given! : operator.endsWith('-') ? words : ''
  })
}

/** The environment of a service, as compose makes it. */
function environmentOf(service: string, outside: Environment): Record<string, string> {
  const given = Object.entries(services[service]!.environment ?? {})
  return Object.fromEntries(given.map(([name, value]) => [name, interpolated(value ?? '', outside)]))
}

const names = Object.values(VARIABLES).map(({ name }) => name)
const forwardedNames = names.filter((name) => !Object.hasOwn(NOT_FORWARDED, name))

describe('the environment of the service in docker-compose.yml', () => {
  test.each(['analytics', 'analytics-1', 'analytics-2'])(
    'of %s forwards every variable of the configuration, or a reason is given',
    (service) => {
      const missing = names.filter((name) => !Object.hasOwn(services[service]!.environment!, name))
      expect(missing.toSorted()).toEqual(Object.keys(NOT_FORWARDED).toSorted())
    },
  )

  test('is what is set on this machine', () => {
    for (const name of forwardedNames) {
      const value = environmentOf('analytics', { ...REQUIRED, [name]: '/of/this/machine' })[name]
      // A file is mounted, and named by its place within the container.
      const secret = name.endsWith('_FILE') ? value?.replace('/run/secrets/', '') : undefined
      if (secret === undefined) expect([name, value]).toEqual([name, '/of/this/machine'])
      else expect([name, services['analytics']!.secrets?.includes(secret)]).toEqual([name, true])
      if (secret !== undefined)
        expect(interpolated(secrets[secret]!.file, { [name]: '/of/this/machine' })).toBe('/of/this/machine')
    }
  })

  test('leaves every other variable at its default, except for those of the container', () => {
    const config = parseConfig(environmentOf('analytics', { ...REQUIRED, JWT_SECRET: SECRET }))
    expect(config).toEqual({
      ...parseConfig({}),
      natsServers: ['nats://nats:4222'],
      natsUser: 'analytics',
      natsPassword: 'n',
      clickhouseUrl: 'http://clickhouse:8123',
      clickhouseUser: 'analytics',
      clickhousePassword: 'c',
      ingestMemoryMb: 32,
      jwtSecret: SECRET,
    })
  })

  test.each([
    ['JWT_SECRET', SECRET],
    ['JWT_JWKS_URL', 'https://id.example/keys'],
    ['JWT_PUBLIC_KEY', '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----'],
  ])('is complete with %s alone', (name, value) => {
    const { jwtSecret, jwtJwksUrl, jwtPublicKey } = parseConfig(
      environmentOf('analytics', { ...REQUIRED, [name]: value }),
    )
    expect([jwtSecret, jwtJwksUrl, jwtPublicKey].filter((each) => each !== undefined)).toEqual([value])
  })

  test('is rejected without any of them, and without the passwords', () => {
    expect(() => parseConfig(environmentOf('analytics', REQUIRED))).toThrow(ConfigError)
    expect(() => environmentOf('analytics', { NATS_PASSWORD: 'n' })).toThrow('set CLICKHOUSE_PASSWORD')
    expect(() => environmentOf('analytics', { CLICKHOUSE_PASSWORD: 'c' })).toThrow('set NATS_PASSWORD')
  })

  test('has no user for a broker that requires a credentials file', () => {
    const outside = { ...REQUIRED, JWT_SECRET: SECRET, NATS_USER: '', NATS_CREDS_FILE: './service.creds' }
    const { natsUser, natsCredsFile } = parseConfig(environmentOf('analytics', outside))
    expect({ natsUser, natsCredsFile }).toEqual({ natsUser: undefined, natsCredsFile: '/run/secrets/nats-creds' })
  })
})

test('docs/configuration.md holds the table of all variables, as test/support/repository/configuration-table.ts writes it', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const isCurrent = withConfigurationTable(page) === page
  expect(isCurrent).toBe(true)
  for (const name of names) expect(page).toContain(`| \`${name}\` |`)
})

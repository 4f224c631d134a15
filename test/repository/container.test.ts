import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { managedStreams } from '../../src/nats/limits/managed-streams.ts'
import { streamLimits } from '../../src/nats/stream-limits.ts'
import { RUNTIME_SETTINGS } from '../support/process/runtime-settings.ts'

const root = new URL('../..', import.meta.url).pathname

interface Instruction {
  readonly name: string
  readonly words: string
}

/** The instructions of the image's last stage: what came before it leaves nothing but files. */
function lastStage(): Instruction[] {
  const lines = readFileSync(`${root}Dockerfile`, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const instructions = lines.map((line) => {
    const [, name = '', words = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
    return { name, words }
  })
  return instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
}

interface ComposeService {
  readonly profiles?: readonly string[]
  readonly user?: string
  readonly hostname?: string
  readonly command?: readonly string[]
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly logging?: object
  readonly configs?: readonly { readonly source: string }[]
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } }
  readonly read_only?: boolean
  readonly privileged?: boolean
  readonly network_mode?: string
  readonly pid?: string
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly mem_limit?: string
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly environment?: Readonly<Record<string, string | null>>
}
const compose = parse(readFileSync(`${root}docker-compose.yml`, 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>
  configs: Record<string, { content: string }>
  volumes: Record<string, unknown>
}
const { services, configs } = compose

describe('the image', () => {
  const stage = lastStage()
  const last = (name: string) => stage.findLast((instruction) => instruction.name === name)?.words ?? ''
  const isList = (words: string) => Array.isArray(JSON.parse(words))

  test('runs as an unprivileged user that owns none of the service’s files', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const copies = stage.filter(({ name }) => name === 'COPY' || name === 'ADD')
    expect(copies.length).toBeGreaterThan(2)
    expect(copies.filter(({ words }) => words.includes('--chown'))).toEqual([])
    expect(stage.findLastIndex(({ name }) => ['RUN', 'COPY', 'ADD'].includes(name))).toBeLessThan(
      stage.findIndex(({ name }) => name === 'USER'),
    )
  })

  test('needs no shell: every command is a list of words', () => {
    expect([last('ENTRYPOINT'), last('CMD')].map(isList)).toEqual([true, true])
    expect(isList(last('HEALTHCHECK').replace(/^.*?CMD /, ''))).toBe(true)
  })

  test('has a liveness check and the stop signal of the service', () => {
    expect(last('HEALTHCHECK')).toContain('/health/live')
    expect(last('STOPSIGNAL')).toBe('SIGTERM')
  })

  test('writes only to /data', () => {
    expect(last('VOLUME')).toBe('/data')
    expect(last('ENV')).toContain('DATA_DIR=/data')
    expect(last('ENV')).toContain('BUN_RUNTIME_TRANSPILER_CACHE_PATH=0')
  })

  test('has the settings of the runtime with which `npm start` starts the service', () => {
    for (const setting of Object.entries(RUNTIME_SETTINGS))
      expect(last('ENV').split(/\s+/)).toContain(setting.join('='))
  })

  test('contains the bundled page', () => {
    const copied = stage.findIndex(({ name, words }) => name === 'COPY' && words.startsWith('src '))
    const built = stage.findIndex(
      ({ name, words }) => name === 'RUN' && words.includes('"src/cli/main.ts", "build-page"'),
    )
    expect(copied).toBeGreaterThan(0)
    expect(built).toBeGreaterThan(copied)
  })

  test('is built from images with a version', () => {
    const bases = [...readFileSync(`${root}Dockerfile`, 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base!)
    expect(bases.filter((base) => !/:\d/.test(base))).toEqual([])
  })
})

const ANALYTICS = ['analytics', 'analytics-1', 'analytics-2']
const NODES = ['clickhouse-1-1', 'clickhouse-1-2', 'clickhouse-2-1', 'clickhouse-2-2']
const BROKERS = ['nats-1', 'nats-2', 'nats-3']

describe('docker-compose.yml', () => {
  test.each(ANALYTICS)('runs %s on a read-only root, with writes in memory and without capabilities', (name) => {
    const { read_only, tmpfs, volumes, cap_drop, cap_add, mem_limit } = services[name]!
    expect({ read_only, volumes, cap_drop, cap_add }).toEqual({
      read_only: true,
      volumes: undefined,
      cap_drop: ['ALL'],
      cap_add: undefined,
    })
    expect(tmpfs?.map((place) => place.split(':')[0])).toEqual(['/tmp', '/data'])
    expect(mem_limit).toBeDefined()
  })

  test('gives no service more privileges or access to the host', () => {
    for (const service of Object.values(services)) {
      const { privileged, network_mode, pid, security_opt, volumes = [], mem_limit } = service
      expect({ privileged, network_mode, pid }).toEqual({
        privileged: undefined,
        network_mode: undefined,
        pid: undefined,
      })
      expect(security_opt).toContain('no-new-privileges:true')
      expect(volumes.filter((volume) => !/^[a-z0-9-]+:/.test(volume))).toEqual([])
      expect(mem_limit).toBeDefined()
      expect(service.logging).toEqual(services['analytics']!.logging)
    }
  })

  test('publishes one port per analytics service and that of the mail catcher, for this machine only', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]))
    expect(published).toEqual([
      ['analytics', '${HTTP_BIND:-127.0.0.1}:${HTTP_PORT:-3000}:3000'],
      ['mail', '${MAIL_BIND:-127.0.0.1}:${MAIL_PORT:-8025}:8025'],
      ['analytics-1', '${HTTP_BIND:-127.0.0.1}:${HTTP_PORT_1:-3001}:3000'],
      ['analytics-2', '${HTTP_BIND:-127.0.0.1}:${HTTP_PORT_2:-3002}:3000'],
    ])
  })

  test('contains no secret: each comes from the environment, or is not set', () => {
    const secrets = Object.values(services).flatMap(({ environment = {} }) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name)),
    )
    expect(secrets.length).toBeGreaterThan(3)
    expect(secrets.filter(([, value]) => value !== null && !/^\$\{\w+(:\?[^}]*|:-)\}$/.test(value))).toEqual([])
  })

  /** The broker does not restore a stream at its start that reserves more than there is room for. */
  test.each(['nats', 'nats-cluster'])(
    'gives the broker of %s more space than all streams of the service may use',
    (name) => {
      const [, gigabytes] = /max_file_store: (\d+)GB/.exec(configs[name]!.content) ?? []
      const limits = streamLimits()
      const others = managedStreams(limits).reduce((sum, { max_bytes = Infinity }) => sum + max_bytes, 0)
      expect(limits.eventsMaxBytes + others).toBeLessThan(Number(gigabytes) * 1e9)
    },
  )

  test('has a health check for every server', () => {
    for (const name of ['nats', 'clickhouse', 'keeper', ...BROKERS, ...NODES])
      expect([name, services[name]?.healthcheck?.test[0]]).toEqual([name, 'CMD'])
  })
})

describe('the profile `cluster` in docker-compose.yml', () => {
  test('contains all services but the three that start without a profile, and the mail catcher', () => {
    const names = (isIn: boolean) =>
      Object.entries(services).flatMap(([name, { profiles }]) => ((profiles !== undefined) === isIn ? [name] : []))
    expect(names(false)).toEqual(['analytics', 'nats', 'clickhouse'])
    expect(names(true).toSorted()).toEqual(['analytics-1', 'analytics-2', ...NODES, 'keeper', 'mail', ...BROKERS])
    const profileOf = (name: string) => (name === 'mail' ? 'mail' : 'cluster')
    for (const name of names(true)) expect(services[name]!.profiles).toEqual([profileOf(name)])
  })

  test('is started completely by its two services, which depend on services of the cluster only', () => {
    for (const name of ['analytics-1', 'analytics-2']) {
      const { depends_on, environment } = services[name]!
      expect(Object.keys(depends_on!)).toEqual([...BROKERS, ...NODES])
      expect(environment).toMatchObject({
        ...services['analytics']!.environment,
        NATS_URL: BROKERS.map((broker) => `nats://${broker}:4222`).join(),
        CLICKHOUSE_URL: 'http://clickhouse-cluster:8123',
        CLICKHOUSE_CLUSTER: 'analytics',
      })
    }
    for (const name of NODES) expect(Object.keys(services[name]!.depends_on!)).toEqual(['keeper'])
  })

  test('keeps the data of each server on a separate volume', () => {
    const used = ['nats', 'clickhouse', 'keeper', ...BROKERS, ...NODES].map(
      (name) => services[name]!.volumes![0]!.split(':')[0]!,
    )
    expect(new Set(used).size).toBe(10)
    expect(Object.keys(compose.volumes).toSorted()).toEqual(used.toSorted())
  })

  test('has two shards of two replicas with host names and internal replication', () => {
    const { content } = configs['clickhouse-cluster']!
    const cluster = /<remote_servers>\s*<analytics>([\s\S]*)<\/analytics>/.exec(content)![1]!
    const shards = cluster.split('<shard>').slice(1)
    expect(shards.map((shard) => [...shard.matchAll(/<host>(.*)<\/host>/g)].map(([, host]) => host))).toEqual([
      NODES.slice(0, 2),
      NODES.slice(2),
    ])
    expect(shards.filter((shard) => !shard.includes('<internal_replication>true<'))).toEqual([])
    expect(cluster).toContain('<secret from_env="CLICKHOUSE_PASSWORD"/>')
    for (const name of NODES) {
      const { hostname, environment, networks, configs: sources } = services[name]!
      expect(`clickhouse-${environment!['SHARD']}-${environment!['REPLICA']}`).toBe(name)
      expect({ hostname, aliases: networks!.default.aliases }).toEqual({
        hostname: name,
        aliases: ['clickhouse-cluster'],
      })
      expect(sources!.map(({ source }) => source)).toContain('clickhouse-cluster')
    }
  })

  test('has a keeper that returns no stale data', () => {
    expect(configs['keeper']!.content).toContain('<quorum_reads>true</quorum_reads>')
  })

  test('has three brokers of different names with routes to each other', () => {
    const { content } = configs['nats-cluster']!
    for (const name of BROKERS) {
      expect(services[name]!.command!.slice(-2)).toEqual(['--name', name])
      expect(content).toContain(`@${name}:6222"`)
    }
    // The rest is as it is for one.
    for (const line of ['max_payload: 2MB', 'sync_interval: always']) {
      expect(configs['nats']!.content).toContain(line)
      expect(content).toContain(line)
    }
  })
})

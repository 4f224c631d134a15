import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const root = new URL('..', import.meta.url).pathname

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
  readonly user?: string
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
const { services } = parse(readFileSync(`${root}docker-compose.yml`, 'utf8')) as {
  services: Record<string, ComposeService>
}

describe('the image', () => {
  const stage = lastStage()
  const last = (name: string) => stage.findLast((instruction) => instruction.name === name)?.words ?? ''
  const isList = (words: string) => Array.isArray(JSON.parse(words))

  test('runs as nobody: a user by number, who owns none of the service’s files', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const copies = stage.filter(({ name }) => name === 'COPY' || name === 'ADD')
    expect(copies.length).toBeGreaterThan(2)
    expect(copies.filter(({ words }) => words.includes('--chown'))).toEqual([])
    expect(stage.findLastIndex(({ name }) => ['RUN', 'COPY', 'ADD'].includes(name))).toBeLessThan(
      stage.findIndex(({ name }) => name === 'USER'),
    )
  })

  test('needs no shell to run: every command is a list of words', () => {
    expect([last('ENTRYPOINT'), last('CMD')].map(isList)).toEqual([true, true])
    expect(isList(last('HEALTHCHECK').replace(/^.*?CMD /, ''))).toBe(true)
  })

  test('says whether it is alive, and is stopped by the signal the service knows', () => {
    expect(last('HEALTHCHECK')).toContain('/health/live')
    expect(last('STOPSIGNAL')).toBe('SIGTERM')
  })

  test('writes nowhere but into /data', () => {
    expect(last('VOLUME')).toBe('/data')
    expect(last('ENV')).toContain('DATA_DIR=/data')
    expect(last('ENV')).toContain('BUN_RUNTIME_TRANSPILER_CACHE_PATH=0')
  })

  test('comes from images of a named version', () => {
    const bases = [...readFileSync(`${root}Dockerfile`, 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base!)
    expect(bases.filter((base) => !/:\d/.test(base))).toEqual([])
  })
})

describe('docker-compose.yml', () => {
  test('runs the service on a read-only root, in memory what it writes, without capabilities', () => {
    const { read_only, tmpfs, volumes, cap_drop, cap_add, mem_limit } = services['analytics']!
    expect({ read_only, volumes, cap_drop, cap_add }).toEqual({
      read_only: true,
      volumes: undefined,
      cap_drop: ['ALL'],
      cap_add: undefined,
    })
    expect(tmpfs?.map((place) => place.split(':')[0])).toEqual(['/tmp', '/data'])
    expect(mem_limit).toBeDefined()
  })

  test('lets nothing gain privileges, or reach into the machine', () => {
    for (const service of Object.values(services)) {
      const { privileged, network_mode, pid, security_opt, volumes = [], mem_limit } = service
      expect({ privileged, network_mode, pid }).toEqual({
        privileged: undefined,
        network_mode: undefined,
        pid: undefined,
      })
      expect(security_opt).toContain('no-new-privileges:true')
      expect(volumes.filter((volume) => !/^[a-z-]+:/.test(volume))).toEqual([])
      expect(mem_limit).toBeDefined()
    }
  })

  test('publishes one port, for this machine alone', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]))
    expect(published).toEqual([['analytics', '${HTTP_BIND:-127.0.0.1}:${HTTP_PORT:-3000}:3000']])
  })

  test('holds no secret: each comes from outside, or is not set', () => {
    const secrets = Object.values(services).flatMap(({ environment = {} }) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name)),
    )
    expect(secrets.length).toBeGreaterThan(3)
    expect(secrets.filter(([, value]) => value !== null && !/^\$\{\w+(:\?[^}]*)?\}$/.test(value))).toEqual([])
  })

  test('asks what it can ask whether it is well', () => {
    expect(services['nats']?.healthcheck?.test[0]).toBe('CMD')
    expect(services['clickhouse']?.healthcheck?.test[0]).toBe('CMD')
  })
})

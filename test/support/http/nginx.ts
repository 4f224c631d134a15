/** A real nginx that ends TLS and serves a service below `/analytics/`, with the configuration that the documentation shows. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from '../process/children.ts'
import { freePort } from '../process/ports.ts'
import { until } from '../process/until.ts'
import { type Certificate, Certificates } from './certificates.ts'

/** The prefix of the documented configuration. */
export const NGINX_PREFIX = '/analytics'

export interface NginxOptions {
  /** The port of the service on the loopback interface. */
  readonly targetPort: number
  /** A free port by default. */
  readonly port?: number
  /** Without it, nginx does not tell the service its prefix. */
  readonly sendsPrefix?: boolean
  /** More lines for the `http` block, as an operator may have them. */
  readonly httpLines?: string
}

export interface Nginx {
  /** `https://127.0.0.1:PORT`, without the prefix. */
  readonly origin: string
  /** With the prefix, without a slash at its end. */
  readonly baseUrl: string
  /** The options of a TLS client that trusts the certificate. */
  readonly tls: { readonly ca: string }
  /** Requests an address and verifies the certificate. */
  fetch(address: string, init?: RequestInit): Promise<Response>
  /** The path and query of every finished request of a test, including refused ones. */
  requested(): string[]
  stop(): Promise<void>
}

const DOCUMENT = new URL('../../../docs/dashboard-page.md', import.meta.url)
/** Requested until nginx listens. */
const PROBE = '/is-nginx-listening'
const MISSING = 'The tests need nginx in /usr/sbin or on PATH: apt-get install nginx.'

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { targetPort, sendsPrefix = true, httpLines = '' } = options
  const port = options.port ?? (await freePort())
  const dir = mkdtempSync(join(tmpdir(), 'outreach-nginx-'))
  const certificates = new Certificates()
  const authority = certificates.makeAuthority('authority')
  const certificate = certificates.sign(authority, 'nginx', 'IP:127.0.0.1,DNS:localhost')
  const [configFile, accessLog, logFile] = ['nginx.conf', 'access.log', 'error.log'].map((name) => join(dir, name))
  const server = filledIn(documentedServer(), { port, targetPort, certificate, sendsPrefix })
  writeFileSync(configFile!, configuration({ dir, accessLog: accessLog!, server: `${httpLines}\n${server}` }))
  mkdirSync(join(dir, 'temporary'))
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` }
  const program = Bun.which('nginx', env) ?? 'nginx'
  const child = await launch(
    { program, args: ['-e', 'stderr', '-p', dir, '-c', configFile!], env, logFile: logFile! },
    MISSING,
  )
  const tls = { ca: readFileSync(authority.certFile, 'utf8') }
  const origin = `https://127.0.0.1:${port}`
  const stop = async () => {
    await child.end('SIGTERM')
    certificates.forget()
    rmSync(dir, { recursive: true, force: true })
  }
  const request = (address: string, init: RequestInit = {}) => fetch(address, { ...init, tls })
  const isListening = async () => child.hasExited() || (await request(origin + PROBE)).status === 404
  await until(isListening, 10_000, 'nginx to listen').catch(() => {})
  if (child.hasExited()) {
    const output = readFileSync(logFile!, 'utf8')
    await stop()
    throw new Error(`nginx did not start:\n${output}`)
  }
  return {
    origin,
    baseUrl: origin + NGINX_PREFIX,
    tls,
    fetch: request,
    requested: () =>
      readFileSync(accessLog!, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && line !== PROBE),
    stop,
  }
}

/** The block of code in the documentation that configures nginx. */
function documentedServer(): string {
  const [, block] = /^```nginx\n([\s\S]*?)^```$/m.exec(readFileSync(DOCUMENT, 'utf8')) ?? []
  if (block === undefined) throw new Error(`${DOCUMENT.pathname} shows no configuration of nginx.`)
  return block
}

interface Facts {
  readonly port: number
  readonly targetPort: number
  readonly certificate: Certificate
  readonly sendsPrefix: boolean
}

/** The documented configuration with the ports and files of a test. Throws when one of them has no place in it. */
function filledIn(block: string, { port, targetPort, certificate, sendsPrefix }: Facts): string {
  const replacements: readonly (readonly [documented: string, used: string])[] = [
    ['listen 443 ', `listen 127.0.0.1:${port} `],
    ['/etc/ssl/stats.example.pem', certificate.certFile],
    ['/etc/ssl/stats.example.key', certificate.keyFile],
    ['http://127.0.0.1:3000/', `http://127.0.0.1:${targetPort}/`],
    ...(sendsPrefix ? [] : [[`proxy_set_header X-Forwarded-Prefix ${NGINX_PREFIX};`, ''] as const]),
  ]
  return replacements.reduce((text, [documented, used]) => {
    if (text.split(documented).length !== 2) throw new Error(`The documented configuration needs one ${documented}.`)
    return text.replace(documented, used)
  }, block)
}

/** Everything around the documented block. */
function configuration({ dir, accessLog, server }: Record<'dir' | 'accessLog' | 'server', string>): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(dir, 'temporary', name)};`,
  )
  return `
daemon off;
# One process without workers: a test that is killed leaves none behind.
master_process off;
pid ${join(dir, 'nginx.pid')};
events {}
http {
  types {}
  log_format target '$request_uri';
  access_log ${accessLog} target;
${temporary.join('\n')}
${server}
}
`
}

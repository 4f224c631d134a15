import { parseIpAddress } from './ip-address.ts'

/** A server that takes mail by SMTP. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte. Otherwise the connection begins as plain text and is upgraded by STARTTLS. */
  readonly isImplicitTls: boolean
  /** Nothing but the server's own announcement is sent before TLS: there is a login, and the server is on another machine. */
  readonly requiresTls: boolean
  readonly login: { readonly user: string; readonly password: string } | undefined
  /** The server is on this machine, where the connection needs no TLS. */
  readonly isLoopback: boolean
}

const DEFAULT_PORTS = { 'smtp:': 587, 'smtps:': 465 } as const

/** Parses `smtp://user:password@host:587` and `smtps://host`; percent-encoding in user and password is decoded. Undefined for other texts. */
export function parseMailServer(text: string): MailServer | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text)
  if (!isMailProtocol(protocol) || hostname === '' || `${pathname.replace(/^\/$/, '')}${search}${hash}` !== '')
    return undefined
  const login = { user: decode(username), password: decode(password) }
  if (login.user === undefined || login.password === undefined || (login.user === '') !== (login.password === ''))
    return undefined
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isLoopback = isLoopbackHost(host)
  const hasLogin = login.user !== ''
  return {
    host,
    port: port === '' ? DEFAULT_PORTS[protocol] : Number(port),
    isImplicitTls: protocol === 'smtps:',
    requiresTls: hasLogin && !isLoopback,
    login: hasLogin ? { user: login.user, password: login.password } : undefined,
    isLoopback,
  }
}

function isMailProtocol(protocol: string): protocol is keyof typeof DEFAULT_PORTS {
  return Object.hasOwn(DEFAULT_PORTS, protocol)
}

function isLoopbackHost(host: string): boolean {
  const address = parseIpAddress(host)
  return address ? address.range() === 'loopback' : /^(?:.*\.)?localhost$/i.test(host)
}

/** Undefined when it is not percent-encoded UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

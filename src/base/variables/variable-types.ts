/**
 * The types of variables that one variable has.
 */
import { type NamedMailAddress, parseNamedMailAddress } from '../addresses/mail-address.ts'
import { type MailServer, parseMailServer } from '../addresses/mail-server.ts'
import { publicUrlOf } from '../addresses/web-address.ts'
import { splitList, url, VariableProblem, type VariableType } from './environment-variable.ts'
import { isTenantId } from '../tenant-id.ts'

export const httpUrl = url('http:', 'https:')

/** One or more servers; an address without a protocol is one of `nats:`. */
export const natsServers: VariableType<readonly string[]> = {
  parse(value) {
    const servers = splitList(value)
    if (servers.length === 0) return new VariableProblem('names no server.')
    const server = url('nats:', 'tls:', 'ws:', 'wss:')
    const parsed = servers.map((each) => server.parse(each.includes('://') ? each : `nats://${each}`))
    return parsed.find((each) => each instanceof VariableProblem) ?? servers
  },
}

/** Without a slash at its end. */
export const publicUrl: VariableType<string> = {
  parse(value) {
    const address = httpUrl.parse(value)
    if (address instanceof VariableProblem) return address
    return (
      publicUrlOf(new URL(value)) ?? new VariableProblem('must be an address without credentials, query and fragment.')
    )
  },
}

export const mailServer: VariableType<MailServer> = {
  parse: (value) =>
    parseMailServer(value) ??
    new VariableProblem(
      'must be an address such as smtp://user:password@mail.example:587 or smtps://mail.example, without a path; special characters of user and password are percent-encoded.',
    ),
}

export const mailSender: VariableType<NamedMailAddress> = {
  parse: (value) =>
    parseNamedMailAddress(value) ??
    new VariableProblem('must be a mail address such as reports@example.com or Reports <reports@example.com>.'),
}

/** PEM (SPKI), one or several after each other; `\n` may stand for a line break. */
export const publicKeys: VariableType<string> = {
  parse(value) {
    const pem = value.replaceAll('\\n', '\n').trim()
    return pem.startsWith('-----BEGIN PUBLIC KEY-----')
      ? pem
      : new VariableProblem('must be a public key in PEM form (-----BEGIN PUBLIC KEY-----).')
  },
}

/** Events per second by tenant. */
export const tenantQuotas: VariableType<ReadonlyMap<string, number>> = {
  parse(value) {
    const quotas = value.split(',').map((part) => {
      // The tenant may hold colons itself.
      const [, tenantId, rate] = /^\s*(.+):(\d{1,9})\s*$/.exec(part) ?? []
      return [tenantId, Number(rate)] as const
    })
    const valid = quotas.filter((quota): quota is readonly [string, number] => isTenantId(quota[0]))
    return valid.length === quotas.length
      ? new Map(valid)
      : new VariableProblem('must be a list such as tenant-1:500,tenant-2:0 (events per second, 0 = no limit).')
  },
}

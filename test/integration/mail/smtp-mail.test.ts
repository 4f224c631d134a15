import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type MailServer, parseMailServer } from '../../../src/base/addresses/mail-server.ts'
import type { DeliveryOutcome } from '../../../src/delivery/delivery.ts'
import { Certificates } from '../../support/http/certificates.ts'
import { type MailServerOptions, TestMailServer } from '../../support/mail/mail-server.ts'
import type { SendMailTask } from '../../support/mail/send-mail-process.ts'

const LOGIN = { user: 'reports@acme', password: 'p@ss:wörd/1' }
const SCRIPT = join(import.meta.dir, '../../support/mail/send-mail-process.ts')
/** The permissions that `deno task start` gives, as far as mail needs them. */
const DENO = ['deno', 'run', '--no-check', '--allow-env', '--allow-read', '--allow-net']

const certificates = new Certificates()
const authority = certificates.makeAuthority('authority')
const certificate = certificates.sign(authority, 'localhost', 'DNS:localhost,IP:127.0.0.1')
let server: TestMailServer

async function start(options: MailServerOptions = {}): Promise<void> {
  server = await TestMailServer.start(options)
}

async function send(to: MailServer | string, recipients: readonly string[], command = [process.execPath]) {
  const task: SendMailTask = { server: typeof to === 'string' ? parseMailServer(to)! : to, recipients }
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority.certFile, DENO_CERT: authority.certFile }
  const child = Bun.spawn([...command, SCRIPT, JSON.stringify(task)], { stdout: 'pipe', stderr: 'pipe', env })
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(errors)
  return JSON.parse(output) as DeliveryOutcome[]
}

/** As for a server on another machine: a login needs TLS. */
function remote(given: Partial<MailServer>): MailServer {
  const login = { user: LOGIN.user, password: LOGIN.password }
  return {
    host: 'localhost',
    port: server.port,
    isImplicitTls: false,
    requiresTls: true,
    isLoopback: false,
    login,
    ...given,
  }
}

afterEach(() => server.stop())
afterAll(() => certificates.forget())

describe('mail by SMTP', () => {
  test('tells what became of a mail from what the server said last', async () => {
    await start()
    server.behave('busy@x.example', { at: 'content', code: 450, text: '4.2.1 mailbox busy' })
    server.behave('grey@x.example', { at: 'recipient', code: 451, text: '4.7.1 try later' })
    server.behave('gone@x.example', { at: 'recipient', code: 550, text: '5.1.1 no such user' })
    server.behave('spam@x.example', { at: 'content', code: 554, text: '5.7.1 refused' })
    server.behave('lost@x.example', { at: 'content', breaksOff: true })
    server.behave('early@x.example', { at: 'recipient', breaksOff: true })
    const names = ['ok', 'busy', 'grey', 'gone', 'spam', 'lost', 'early']
    const outcomes = await send(
      server.url,
      names.map((name) => `${name}@x.example`),
    )
    expect(Object.fromEntries(names.map((name, index) => [name, outcomes[index]]))).toEqual({
      ok: { status: 'sent' },
      busy: { status: 'retry', error: '450 4.2.1 mailbox busy' },
      grey: { status: 'retry', error: '451 4.7.1 try later' },
      gone: { status: 'failed', error: '550 5.1.1 no such user', isPermanent: true },
      spam: { status: 'failed', error: '554 5.7.1 refused', isPermanent: true },
      lost: { status: 'unknown', error: expect.stringContaining('after the mail was sent') },
      early: { status: 'retry', error: 'The connection to the mail server was lost.' },
    })
    const [mail] = server.accepted
    expect(server.accepted).toHaveLength(1)
    expect(mail?.messageId).toBe('m0@acme.example')
    const lines = mail?.content.split('\r\n') ?? []
    expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    expect(lines).toContain(`List-Unsubscribe: <https://stats.example/unsubscribe/${'a'.repeat(300)}>`)
    expect(lines).toContain('From: "Acme, Inc" <reports@acme.example>')
    expect(lines).toContain('Auto-Submitted: auto-generated')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998)
  })

  test('of a server that cannot be reached is tried again', async () => {
    await start()
    const { url } = server
    await server.stop()
    expect(await send(url, ['a@x.example'])).toEqual([{ status: 'retry', error: 'The mail server cannot be reached.' }])
  })

  test('logs in without TLS on this machine only', async () => {
    await start({ login: LOGIN })
    const withLogin = (password: string) =>
      `smtp://${encodeURIComponent(LOGIN.user)}:${encodeURIComponent(password)}@127.0.0.1:${server.port}`
    expect(await send(withLogin(LOGIN.password), ['a@x.example'])).toEqual([{ status: 'sent' }])
    expect(await send(withLogin('wrong'), ['a@x.example'])).toEqual([
      { status: 'retry', error: '535 5.7.8 wrong user or password' },
    ])
    expect(server.secureLogins).toEqual([false, false])
    const [outcome] = await send(remote({}), ['a@x.example'])
    expect(outcome?.status).toBe('retry')
    // Neither the login nor the mail was sent.
    expect([server.secureLogins.length, server.received.length]).toEqual([2, 1])
    expect(parseMailServer('smtp://u:p@mail.example')?.requiresTls).toBe(true)
  })

  test.each([
    ['Bun', [process.execPath]],
    ['Deno', DENO],
  ])('is sent from %s without TLS, with STARTTLS and with TLS from the start', async (_, command) => {
    await start({ certificate, login: LOGIN })
    expect(await send(remote({}), ['a@x.example'], command)).toEqual([{ status: 'sent' }])
    expect(
      await send(remote({ host: '127.0.0.1', requiresTls: false, isLoopback: true }), ['b@x.example'], command),
    ).toEqual([{ status: 'sent' }])
    expect(server.secureLogins).toEqual([true, false])
    await server.stop()
    await start({ certificate, login: LOGIN, isImplicitTls: true })
    server.behave('lost@x.example', { at: 'content', breaksOff: true })
    const outcomes = await send(remote({ isImplicitTls: true }), ['c@x.example', 'lost@x.example'], command)
    expect(outcomes.map(({ status }) => status)).toEqual(['sent', 'unknown'])
    expect(server.secureLogins).toEqual([true, true])
  })

  test('goes to no server whose certificate nobody has signed that is trusted', async () => {
    const stranger = certificates.makeAuthority('stranger')
    await start({ certificate: certificates.sign(stranger, 'other', 'DNS:localhost'), login: LOGIN })
    expect((await send(remote({}), ['a@x.example']))[0]?.status).toBe('retry')
    expect(server.received).toEqual([])
  })
})

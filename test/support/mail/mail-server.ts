import type { Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { SMTPServer } from 'smtp-server'
import type { Certificate } from '../http/certificates.ts'

/** A mail of which the server has received the content, whatever it answered. */
export interface ReceivedMail {
  readonly recipient: string
  readonly content: string
  readonly messageId: string
}

/** What the server does with mails to an address: refuse the address, answer the content, or break the connection off instead of an answer. */
export type MailBehaviour =
  | { readonly at: 'recipient' | 'content'; readonly code: number; readonly text: string; readonly times?: number }
  | { readonly at: 'recipient' | 'content'; readonly breaksOff: true; readonly times?: number }

export interface MailServerOptions {
  readonly certificate?: Certificate
  readonly isImplicitTls?: boolean
  readonly login?: { readonly user: string; readonly password: string }
  /** Runs before the server answers a recipient. */
  readonly onRecipient?: (recipient: string) => void
  /** Runs when a content has arrived, before it is answered. */
  readonly onContent?: (mail: ReceivedMail) => void
}

/** A real SMTP server on the loopback interface, which keeps what it receives. */
export class TestMailServer {
  readonly received: ReceivedMail[] = []
  /** Of the received ones, those that were accepted. */
  readonly accepted: ReceivedMail[] = []
  /** For each login: whether the connection had TLS. */
  readonly secureLogins: boolean[] = []
  readonly #behaviours = new Map<string, MailBehaviour & { left: number }>()
  readonly #server: SMTPServer

  private constructor(options: MailServerOptions) {
    const { certificate, isImplicitTls = false, login } = options
    this.#server = new SMTPServer({
      name: 'mail.test',
      secure: isImplicitTls,
      ...(certificate
        ? { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) }
        : { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] }),
      authOptional: !login,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, session, done) => {
        this.secureLogins.push(session.secure)
        const isRight = username === login?.user && password === login?.password
        done(isRight ? null : failure(535, '5.7.8 wrong user or password'), { user: username })
      },
      onRcptTo: ({ address }, session, done) => {
        options.onRecipient?.(address)
        this.#act('recipient', address, session.id, done)
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const content = Buffer.concat(chunks).toString('utf8')
          const recipient = session.envelope.rcptTo[0]?.address ?? ''
          const messageId = /^Message-ID: <([^>]*)>/im.exec(content)?.[1] ?? ''
          const mail = { recipient, content, messageId }
          this.received.push(mail)
          options.onContent?.(mail)
          this.#act('content', recipient, session.id, (error) => {
            if (!error) this.accepted.push(mail)
            done(error)
          })
        })
      },
    })
    // A client that breaks off is what some tests are about.
    this.#server.on('error', () => {})
  }

  static async start(options: MailServerOptions = {}): Promise<TestMailServer> {
    const server = new TestMailServer(options)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', () => resolve()))
    return server
  }

  get port(): number {
    return (this.#server.server.address() as { readonly port: number }).port
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`
  }

  behave(recipient: string, behaviour: MailBehaviour | undefined): void {
    if (behaviour) this.#behaviours.set(recipient, { ...behaviour, left: behaviour.times ?? Infinity })
    else this.#behaviours.delete(recipient)
  }

  receivedFor(recipient: string): ReceivedMail[] {
    return this.received.filter((mail) => mail.recipient === recipient)
  }

  stop(): Promise<void> {
    for (const { _socket } of this.#connections()) _socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #act(at: MailBehaviour['at'], recipient: string, sessionId: string, done: (error?: Error | null) => void): void {
    const behaviour = this.#behaviours.get(recipient)
    if (behaviour?.at !== at || behaviour.left <= 0) return done(null)
    behaviour.left--
    if ('code' in behaviour) return done(failure(behaviour.code, behaviour.text))
    for (const { id, _socket } of this.#connections()) if (id === sessionId) _socket.destroy()
  }

  /** The server has no method that breaks one connection off. */
  #connections(): Iterable<{ readonly id: string; readonly _socket: Socket }> {
    return this.#server.connections as never
  }
}

function failure(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}

/** Sends mail to one SMTP server, each mail over a connection of its own. */
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { NamedMailAddress } from '../base/addresses/mail-address.ts'
import type { MailServer } from '../base/addresses/mail-server.ts'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { DeliveryOutcome } from '../delivery/delivery.ts'
import type { Mail, MailPort } from '../delivery/mail-port.ts'

export interface SmtpMailOptions {
  readonly server: MailServer
  readonly from: NamedMailAddress
  /** The host that this client gives as its own name. */
  readonly clientName: string
  readonly logger: Logger
}

const CONNECT_TIMEOUT_MS = 30_000
/** RFC 5321, 4.5.3.2: a server may take minutes to accept a mail that it has received. */
const IDLE_TIMEOUT_MS = 300_000
const MAX_ERROR_LENGTH = 500

/** Where the conversation with the server is: it decides what a failure means. */
type Phase = 'connect' | 'envelope' | 'content'

export function createSmtpMail(options: SmtpMailOptions): MailPort {
  return { send: (mail, signal) => sendMail(mail, signal, options) }
}

function sendMail(mail: Mail, signal: AbortSignal, { server, from, clientName, logger }: SmtpMailOptions) {
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.isImplicitTls,
    requireTLS: server.requiresTls,
    // A relay on this machine often has a certificate that no authority has signed.
    ignoreTLS: server.isLoopback && !server.isImplicitTls,
    name: clientName,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: IDLE_TIMEOUT_MS,
  })
  const content = new MailComposer(contentOf(mail, from)).compile().createReadStream()

  let phase: Phase = 'connect'
  // The client begins to read the content when the server is ready for it.
  content.once('resume', () => (phase = 'content'))
  return new Promise<DeliveryOutcome>((resolve) => {
    const end = (outcome: DeliveryOutcome) => {
      signal.removeEventListener('abort', abort)
      if (outcome.status === 'sent') connection.quit()
      else connection.close()
      content.destroy()
      resolve(outcome)
    }
    const fail = (error: unknown) => {
      const { code } = error as MailError
      // The text of a failure without a response is for the operator.
      if (responseOf(error) === undefined) logger.warn('sending mail failed', { phase, code, error: messageOf(error) })
      end(outcomeOf(error, phase))
    }
    const abort = () => fail(new Error('The service is stopping.'))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    connection.on('error', fail)
    connection.connect((connectError) => {
      if (connectError) return fail(connectError)
      const send = () => {
        phase = 'envelope'
        const envelope = { from: from.address, to: [mail.to] }
        connection.send(envelope, content, (error) => (error ? fail(error) : end({ status: 'sent' })))
      }
      if (!server.login) return send()
      const { user, password: pass } = server.login
      connection.login({ credentials: { user, pass } }, (error) => (error ? fail(error) : send()))
    })
  })
}

interface MailError {
  readonly code?: unknown
  readonly response?: unknown
  readonly responseCode?: unknown
}

/** What the server said, as one line; undefined when it said nothing. */
function responseOf(error: unknown): string | undefined {
  const { response } = error as MailError
  if (typeof response !== 'string' || response === '') return undefined
  return response.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, MAX_ERROR_LENGTH)
}

/** A failure with a response of the server is certain. Without one, the server may have taken a content that it has received. */
function outcomeOf(error: unknown, phase: Phase): DeliveryOutcome {
  const response = responseOf(error)
  // A greeting or a login that is refused concerns the configuration, not the mail.
  if (phase === 'connect') return { status: 'retry', error: response ?? 'The mail server cannot be reached.' }
  if (response !== undefined)
    return Number((error as MailError).responseCode) >= 500
      ? { status: 'failed', error: response, isPermanent: true }
      : { status: 'retry', error: response }
  if (phase === 'envelope') return { status: 'retry', error: 'The connection to the mail server was lost.' }
  return {
    status: 'unknown',
    error:
      'The connection to the mail server was lost after the mail was sent, before the server accepted or refused it.',
  }
}

function contentOf(mail: Mail, from: NamedMailAddress) {
  const { unsubscribeUrl, attachments = [] } = mail
  return {
    from,
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: `<${mail.messageId}>`,
    date: new Date(mail.date),
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(unsubscribeUrl === undefined
        ? {}
        : {
            'List-Unsubscribe': { prepared: true, value: `<${unsubscribeUrl}>` },
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
    },
    attachments: attachments.map(({ fileName, contentType, content, contentId }) => ({
      filename: fileName,
      contentType,
      content: content.toBase64(),
      encoding: 'base64',
      ...(contentId === undefined ? {} : { cid: contentId, contentDisposition: 'inline' as const }),
    })),
    // Contents come from this service alone, never from files and addresses that a text names.
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

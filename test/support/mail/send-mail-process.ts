/** Sends a mail to each recipient through one server and prints the outcomes as JSON. A process of its own: which authorities it trusts is decided at its start, and other runtimes run it too. */
import { silentLogger } from '../base/silent-logger.ts'
import type { MailServer } from '../../../src/base/addresses/mail-server.ts'
import { createSmtpMail } from '../../../src/mail/smtp-mail.ts'

export interface SendMailTask {
  readonly server: MailServer
  readonly recipients: readonly string[]
}

const { server, recipients } = JSON.parse(globalThis.Deno?.args[0] ?? process.argv[2] ?? '') as SendMailTask
const mail = createSmtpMail({
  server,
  from: { name: 'Acme, Inc', address: 'reports@acme.example' },
  clientName: 'stats.example',
  logger: silentLogger,
})
const outcomes = await Promise.all(
  recipients.map((to, index) =>
    mail.send(
      {
        to,
        subject: 'Zahlen für Köln',
        text: 'größer\n.\nnext',
        html: '<p>größer</p>',
        messageId: `m${index}@acme.example`,
        date: 0,
        unsubscribeUrl: `https://stats.example/unsubscribe/${'a'.repeat(300)}`,
        attachments: [{ fileName: 'a.csv', contentType: 'text/csv', content: new TextEncoder().encode('a,b\r\n') }],
      },
      new AbortController().signal,
    ),
  ),
)
console.log(JSON.stringify(outcomes))

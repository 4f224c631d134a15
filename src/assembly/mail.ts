import type { Logger } from '../base/logger.ts'
import type { Config } from '../config.ts'
import type { MailPort } from '../delivery/mail-port.ts'
import { createSmtpMail } from '../mail/smtp-mail.ts'

/** The mail of the service; undefined without a mail server. */
export function createMail(
  { mailServer: server, mailFrom: from, publicUrl }: Config,
  logger: Logger,
): MailPort | undefined {
  // With a server, the configuration has the other two.
  if (!server || !from || publicUrl === undefined) return undefined
  return createSmtpMail({ server, from, clientName: new URL(publicUrl).hostname, logger })
}

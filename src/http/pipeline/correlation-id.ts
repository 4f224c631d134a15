const VALID_CORRELATION_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** The correlation id that the request sent, if it is valid, else a new one. */
export function correlationIdOf({ headers }: Request): string {
  const sent = headers.get('x-correlation-id') ?? ''
  return VALID_CORRELATION_ID.test(sent) ? sent : crypto.randomUUID()
}

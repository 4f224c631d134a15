const TYPES = ['sent', 'delivered', 'opened', 'clicked']

/** A typical event of about 400 bytes, derived from its number. */
export function messageEvent(index: number, tenantId: string, timestamp: number) {
  return {
    subject: `pipeline.message.${TYPES[index % TYPES.length]!}`,
    envelope: {
      eventId: crypto.randomUUID(),
      tenantId,
      timestamp: new Date(timestamp).toISOString(),
      correlationId: crypto.randomUUID(),
      data: {
        messageId: `m-${index >> 2}`,
        channel: 'email',
        contactId: `c-${index % 5_000}`,
        sourceType: 'campaign',
        sourceId: `cmp-${index % 20}`,
        sourceName: 'Black Friday Sale',
        templateId: `tpl-${index % 15}`,
        templateName: 'Welcome Email',
        metadata: { ua: 'Mozilla/5.0', n: index },
      },
    },
  }
}

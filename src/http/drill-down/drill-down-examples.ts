/** Examples of searches and their data, for the API document. They are about the events of one message. */
export const EVENT_SEARCH_EXAMPLE = {
  filter: { dimension: 'campaign', operator: 'in', values: ['cmp-1'] },
  eventTypes: ['message_clicked'],
  timeRange: '30d',
  timezone: 'UTC',
  order: 'desc',
  limit: 100,
  cursor: null,
}

export const MESSAGE_SEARCH_EXAMPLE = {
  filter: { dimension: 'campaign', operator: 'in', values: ['cmp-1'] },
  status: ['delivered'],
  not: ['humanOpened'],
  timeRange: '30d',
  timezone: 'UTC',
  limit: 100,
  cursor: null,
}

const sending = {
  entityType: 'message',
  entityId: 'm-1',
  channel: 'email',
  contactId: 'c-1',
  userId: null,
  sourceType: 'campaign',
  sourceId: 'cmp-1',
  campaignId: 'cmp-1',
  workflowId: null,
  sequenceId: null,
  templateId: 'tpl-1',
}

const clicked = {
  id: '3f2c1a9e-6d41-5c0b-9a77-5e0b1f0c2d11',
  eventType: 'message_clicked',
  ...sending,
  actorClass: 'human',
  actorReason: 'default',
  occurredAt: '2026-01-28T09:15:30.123Z',
  ingestedAt: '2026-01-28T09:15:30.640Z',
  metadata: { userAgent: 'Mozilla/5.0 (iPhone)', url: 'https://example.com/offer' },
}

const sent = {
  id: '8a1d0c5e-2b7f-5e19-8d3a-90c4b7e6f2a1',
  eventType: 'message_sent',
  ...sending,
  occurredAt: '2026-01-28T09:00:00Z',
  ingestedAt: '2026-01-28T09:00:00.412Z',
  metadata: { recipientDomain: 'example.com' },
}

const message = {
  messageId: 'm-1',
  channel: 'email',
  contactId: 'c-1',
  sourceType: 'campaign',
  sourceId: 'cmp-1',
  campaignId: 'cmp-1',
  campaignName: 'Black Friday Sale',
  workflowId: null,
  workflowName: null,
  sequenceId: null,
  sequenceName: null,
  templateId: 'tpl-1',
  templateName: 'Welcome Email',
  recipientDomain: 'example.com',
  sentAt: '2026-01-28T09:00:00Z',
  deliveredAt: null,
  firstOpenedAt: null,
  firstHumanOpenedAt: null,
  firstClickedAt: '2026-01-28T09:15:30.123Z',
  firstHumanClickedAt: '2026-01-28T09:15:30.123Z',
  bouncedAt: null,
  bounceClass: null,
  complainedAt: null,
  unsubscribedAt: null,
  opens: 0,
  clicks: 1,
}

/** By the id of the operation. */
export const DRILL_DOWN_EXAMPLES = {
  eventsSearch: { events: [clicked], cursor: null, newer: 0 },
  messagesSearch: { messages: [message], cursor: null },
  message: { message, events: [sent, clicked] },
  contact: {
    contactId: 'c-1',
    groups: [{ kind: 'message', id: 'm-1', events: [clicked, sent] }],
    cursor: null,
    newer: 0,
  },
}

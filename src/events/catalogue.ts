/**
 * The catalogue of events: the subjects that the service consumes and the event types that they become. It is the only list of event types.
 */

export type EntityType = 'message' | 'campaign' | 'workflow' | 'sequence' | 'contact'

export interface CatalogueEntry {
  /** A JetStream subject; a last token of `*` stands for any one token. */
  readonly subject: string
  /** The stored `event_type`; for a `*` subject its prefix, to which the last token is appended. */
  readonly eventType: string
  readonly entityType: EntityType
  /** The fields of `data` that may contain the id of the entity, in order of preference. */
  readonly entityIdFields: readonly string[]
}

const entry = (subject: string, eventType: string, entityType: EntityType, ...entityIdFields: string[]) =>
  ({ subject, eventType, entityType, entityIdFields }) satisfies CatalogueEntry

export const CATALOGUE: readonly CatalogueEntry[] = [
  entry('pipeline.message.sent', 'message_sent', 'message', 'messageId'),
  entry('pipeline.message.delivered', 'message_delivered', 'message', 'messageId'),
  entry('pipeline.message.opened', 'message_opened', 'message', 'messageId'),
  entry('pipeline.message.clicked', 'message_clicked', 'message', 'messageId'),
  entry('pipeline.message.bounced', 'message_bounced', 'message', 'messageId'),
  entry('pipeline.message.complained', 'message_complained', 'message', 'messageId'),
  entry('pipeline.message.unsubscribed', 'message_unsubscribed', 'message', 'messageId'),
  entry('campaign.started', 'campaign_started', 'campaign', 'campaignId'),
  entry('campaign.completed', 'campaign_completed', 'campaign', 'campaignId'),
  entry('workflow.run.started', 'workflow_run_started', 'workflow', 'runId', 'workflowId'),
  entry('workflow.run.completed', 'workflow_run_completed', 'workflow', 'runId', 'workflowId'),
  entry('workflow.run.failed', 'workflow_run_failed', 'workflow', 'runId', 'workflowId'),
  entry('workflow.run.goal_reached', 'workflow_run_goal_reached', 'workflow', 'runId', 'workflowId'),
  entry('sequence.step.executed', 'sequence_step_executed', 'sequence', 'enrollmentId', 'sequenceId'),
  entry('sequence.enrollment.*', 'sequence_enrollment_', 'sequence', 'enrollmentId'),
  entry('contact.created', 'contact_created', 'contact', 'contactId'),
  entry('contact.updated', 'contact_updated', 'contact', 'contactId'),
]

/** All subjects that the service consumes, as JetStream filter subjects. */
export const SUBJECTS: readonly string[] = CATALOGUE.map(({ subject }) => subject)

const entriesBySubject = new Map(
  CATALOGUE.filter(({ subject }) => !subject.endsWith('*')).map((found) => [found.subject, found]),
)
const wildcardEntries = CATALOGUE.filter(({ subject }) => subject.endsWith('.*')).map(
  (found) => [found.subject.slice(0, -1), found] as const,
)

/** A last token that producers choose becomes part of an event type, which appears in dashboards, logs and the dictionaries of the store. */
const WILDCARD_TOKEN = /^[a-z0-9_]{1,64}$/

export interface EventDefinition {
  readonly eventType: string
  readonly entityType: EntityType
  readonly entityIdFields: readonly string[]
}

/** The definition of the events on `subject`; undefined when the service does not consume that subject or its last token is invalid. */
export function findEventDefinition(subject: string): EventDefinition | undefined {
  const found = entriesBySubject.get(subject)
  if (found) return found
  for (const [prefix, { eventType, entityType, entityIdFields }] of wildcardEntries) {
    const token = subject.startsWith(prefix) ? subject.slice(prefix.length) : ''
    if (WILDCARD_TOKEN.test(token)) return { eventType: eventType + token, entityType, entityIdFields }
  }
  return undefined
}

/** Whether the service consumes the subject but its last token is not 1 to 64 characters of a-z 0-9 _. */
export function hasInvalidLastToken(subject: string): boolean {
  return wildcardEntries.some(([prefix]) => {
    const token = subject.startsWith(prefix) ? subject.slice(prefix.length) : ''
    return token !== '' && !token.includes('.') && !WILDCARD_TOKEN.test(token)
  })
}

/** The subjects that a simulated producer publishes on. */
export type SimulatedSubject =
  | `pipeline.message.${'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained' | 'unsubscribed'}`
  | `campaign.${'started' | 'completed'}`
  | `workflow.run.${'started' | 'completed' | 'failed' | 'goal_reached'}`
  | 'sequence.step.executed'
  | `sequence.enrollment.${'started' | 'completed' | 'replied' | 'exited' | 'bounced' | 'unsubscribed'}`
  | `contact.${'created' | 'updated'}`

/** One event as a producer sends it. `timestamp` is ISO 8601 in UTC; `correlationId` is shared by the events of one scenario. */
export interface SimulatedEnvelope {
  readonly eventId: string
  readonly tenantId: string
  readonly timestamp: string
  readonly correlationId: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface SimulatedEvent {
  readonly subject: SimulatedSubject
  readonly envelope: SimulatedEnvelope
}

/** The id by which JetStream recognises a duplicate. It contains the tenant, as two tenants may use the same event id. */
export function messageIdOf({ envelope }: SimulatedEvent): string {
  return `${envelope.tenantId}:${envelope.eventId}`
}

import type { ClassInputs } from './class-inputs.ts'

/** What the classes of a message's opens and clicks depend on. */
export interface ClassifiableEvent {
  /** The event type without `message_`. */
  readonly kind: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly inputs: ClassInputs
}

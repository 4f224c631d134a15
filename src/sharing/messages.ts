/** Plain messages between the members of an environment: heard by whoever is there now, kept nowhere. Implemented by `nats`. */
export interface Messages {
  publish(topic: string, text: string): void
  /** Calls `onMessage` for each; `reply` answers a request. The result ends it. */
  subscribe(topic: string, onMessage: (text: string, reply: (text: string) => void) => void): () => void
  /** `nobody` when certainly nobody listens; undefined when no answer came in time. */
  request(topic: string, text: string): Promise<{ readonly text: string } | 'nobody' | undefined>
}

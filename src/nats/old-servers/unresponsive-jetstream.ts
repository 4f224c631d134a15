/**
 * Workaround for nats-server 2.9: after a failed write, for example on a full disk, JetStream responds to no request until the server is restarted, and logs nothing. A newer
 * server responds that JetStream is disabled. Without this counter, the service would not restart a local server of 2.9 when the disk has space again.
 */

/** Consecutive requests without a response after which the server is not merely busy. */
const MAX_UNANSWERED_REQUESTS = 4

export class UnansweredRequests {
  #count = 0

  reset(): void {
    this.#count = 0
  }

  /** Records a request that timed out. Returns whether JetStream is unresponsive; a server that accepts no connections is still starting and does not count. */
  record(acceptsConnections: boolean): boolean {
    this.#count = acceptsConnections ? this.#count + 1 : 0
    return this.#count >= MAX_UNANSWERED_REQUESTS
  }
}

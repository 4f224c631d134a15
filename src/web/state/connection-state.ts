import { type ReadonlySignal, signal } from '@preact/signals'
import type { StreamState } from '../api/live-updates.ts'

/** `live`: updates are pushed; `polling`: the numbers are up to date without a stream; `waiting`: they may be out of date; `connecting`: until the first sign of the stream. */
export type Connection = StreamState

/** Decides from the live stream and from the loads of data whether the numbers on the screen are up to date. */
export class ConnectionState {
  readonly #connection = signal<Connection>('connecting')
  #stream: StreamState = 'connecting'
  #hasFailedLoad = false
  readonly #isOffline = signal(false)
  readonly connection: ReadonlySignal<Connection> = this.#connection
  /** Whether the browser has lost its network, and nothing has proved the opposite since. */
  readonly isOffline: ReadonlySignal<boolean> = this.#isOffline

  get hasStream(): boolean {
    return this.#stream === 'live'
  }

  streamChanged(stream: StreamState): void {
    // Polling keeps the numbers up to date while the page tries to open the stream again.
    const isKeptByPolling = this.#stream === 'polling' && (stream === 'waiting' || stream === 'connecting')
    if (!isKeptByPolling) this.#stream = stream
    if (stream === 'live') this.#isOffline.value = false
    this.#update()
  }

  loadSucceeded(): void {
    this.#hasFailedLoad = false
    this.#isOffline.value = false
    if (this.#stream === 'waiting') this.#stream = 'polling'
    this.#update()
  }

  loadFailed(): void {
    this.#hasFailedLoad = true
    this.#update()
  }

  /** The browser has lost its network. A service on the same machine may still respond, and then proves the opposite. */
  networkLost(): void {
    this.#isOffline.value = true
    this.#update()
  }

  /** Nothing is followed any more, for example because the session has ended. */
  reset(): void {
    this.#stream = 'connecting'
    this.#hasFailedLoad = false
    this.#isOffline.value = false
    this.#update()
  }

  #update(): void {
    this.#connection.value = this.#hasFailedLoad || this.#isOffline.peek() ? 'waiting' : this.#stream
  }
}

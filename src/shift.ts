/**
 * One process's time on the board, from taking its seat to losing it: the ingestion under one writer's name, and what it does for the partitions it has. Part of the
 * composition root. Nothing of it is used again afterwards, so that nothing late can be written under the name of what comes next.
 */
import { sleep } from './clock.ts'
import { createEventStore } from './clickhouse/event-store.ts'
import { assembleIngestion, type EventSideOptions, type IngestionParts, type TakenStream } from './event-side.ts'
import type { Ingestion } from './ingest/ingestion.ts'
import type { EventStore } from './ingest/ports.ts'
import { createBoardStore } from './nats/board-store.ts'
import { createMessages } from './nats/core-messages.ts'
import { PartitionSource } from './nats/partition-source.ts'
import { PartitionSender } from './nats/partition-stream.ts'
import { type Board, dutiesOf, partitionOf } from './sharing/board.ts'
import { Membership, type MembershipEnd } from './sharing/membership.ts'
import type { MemberDuties } from './sharing/ports.ts'
import { VersionExchange } from './sharing/version-exchange.ts'
import { Shortcut } from './shortcut.ts'

const DRAIN_POLL_MS = 20
const SHORTEN_INTERVAL_MS = 250

interface Consumed {
  readonly source: PartitionSource
  readonly letGo: () => Promise<void>
}

export class Shift {
  /** This member of the environment, and with the consumer's name before it the writer. */
  readonly id = crypto.randomUUID().slice(0, 13)
  readonly #options: EventSideOptions
  readonly #parts: IngestionParts
  readonly #events: EventStore
  readonly #membership: Membership
  readonly #exchange: VersionExchange
  readonly #over = new AbortController()
  readonly #fenced = new AbortController()
  /** Whose tenants' events are stored here. */
  readonly #owned = new Set<number>()
  readonly #consumed = new Map<number, Consumed>()
  readonly #shortcut: Shortcut
  #stream: TakenStream | undefined
  #opened: Promise<void> | undefined
  #owners: Board['partitions'] = []

  constructor(options: EventSideOptions) {
    const { config, connection, clock, logger, versions, live, turns } = options
    const durable = config.natsConsumer
    this.#options = options
    this.#exchange = new VersionExchange({
      id: this.id,
      messages: createMessages(connection, durable),
      versions,
      ownerOf: (tenantId) => this.#owners[partitionOf(tenantId)] ?? undefined,
      onMoved: (tenantIds) => live.changed(tenantIds),
      clock,
    })
    this.#membership = new Membership({
      id: this.id,
      store: createBoardStore(connection, durable),
      duties: this.#duties(),
      clock,
      logger,
    })
    const { signal } = this.#over
    const sender = new PartitionSender({ connection, durable, clock, logger, signal })
    this.#shortcut = new Shortcut({
      durable,
      sender,
      sources: () => [...this.#consumed].map(([partition, { source }]) => [partition, source] as const),
      ingestion: () => this.ingestion,
      clock,
      signal,
    })
    this.#events = createEventStore(options.store, { name: this.#writerOf(this.id), clock, turns })
    this.#parts = assembleIngestion(options, {
      store: this.#events,
      signal,
      isOurs: (tenantId) => this.isOurs(tenantId),
      routing: {
        wayOf: (tenantId) => this.#shortcut.wayOf(tenantId),
        put: (delivery, tenantId) => sender.put(delivery, tenantId),
      },
      onFenced: () => this.#fenced.abort(),
      onMoved: (tenantIds) => this.#exchange.announce(tenantIds),
    })
  }

  get ingestion(): Ingestion {
    return this.#parts.ingestion
  }

  /** Takes part until `signal` aborts and all is handed over, or until it was removed. */
  async run(signal: AbortSignal): Promise<MembershipEnd> {
    this.#exchange.open()
    this.#options.versions.share(this.#exchange)
    this.ingestion.start()
    void this.#parts.lanes.run()
    void this.#shorten()
    return this.#membership.run(signal, this.#fenced.signal)
  }

  /** Lets go of everything; what `deadline` (an abort) leaves over is delivered again, wherever. */
  async end(deadline: AbortSignal): Promise<void> {
    const { versions, live } = this.#options
    this.#over.abort()
    await this.ingestion.stop(deadline)
    this.#exchange.close()
    this.#stream = undefined
    this.#owned.clear()
    this.#owners = []
    versions.forgetAll()
    // What was begun and not finished is not this process's any more to tell of.
    live.commits.end([])
    live.reassigned(() => true)
  }

  isOurs(tenantId: string): boolean {
    return this.#owned.has(partitionOf(tenantId))
  }

  isRouting(): boolean {
    return this.#stream !== undefined
  }

  /** Whether it takes what the board says is its part: the stream, if it routes, and its partitions. */
  isBound(): boolean {
    const { board, isCertain } = this.#membership
    if (!isCertain || !board?.isCleared || board.router === null) return false
    const { routing, partitions } = dutiesOf(board, this.id)
    // One that is ours by the board and not taken yet, or cannot be, is not bound.
    const arePartitionsBound = [...partitions].every((each) => this.#consumed.get(each)?.source.isBound() === true)
    return arePartitionsBound && (!routing || this.#stream?.source.isBound() === true)
  }

  #writerOf(member: string): string {
    return `${this.#options.config.natsConsumer}.${member}`
  }

  #duties(): MemberDuties {
    const { store, config } = this.#options
    return {
      isGone: (member) => this.#exchange.isGone(member),
      closeOff: async (member) => store.fences?.closeOff(this.#writerOf(member)),
      closeOffStrangers: async () => store.fences?.closeOffAll(config.natsConsumer),
      takePartition: (partition) => this.#take(partition),
      leavePartition: (partition) => this.#leave(partition),
      startRouting: () => this.#startRouting(),
      stopRouting: () => this.#stopRouting(),
      onBoard: (board) => this.#noteBoard(board),
    }
  }

  async #take(partition: number): Promise<void> {
    this.#opened ??= this.#events.open()
    await this.#opened.catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    this.#events.distrust()
    this.#owned.add(partition)
    this.#noteMoved(new Set([partition]))
    const { connection, config, clock, logger } = this.#options
    const source = new PartitionSource({
      connection,
      clock,
      logger,
      durable: config.natsConsumer,
      partition,
      limits: this.#parts.consumerLimits,
      mayBind: async () => this.#insistOn((board) => dutiesOf(board, this.id).partitions.has(partition)),
      sharers: () => this.#owned.size,
    })
    const letGo = await this.ingestion.take(source, { isPassedOn: true })
    if (this.#over.signal.aborted) await letGo()
    else this.#consumed.set(partition, { source, letGo })
  }

  async #leave(partition: number): Promise<void> {
    // From now on its events are passed on, to whoever takes it next.
    this.#shortcut.leave(partition)
    this.#owned.delete(partition)
    await this.#parts.lanes.release()
    await this.#consumed.get(partition)?.letGo()
    this.#consumed.delete(partition)
    while (this.ingestion.heldOf((tenantId) => partitionOf(tenantId) === partition) > 0 && !this.#over.signal.aborted) {
      this.ingestion.flush()
      await sleep(this.#options.clock, DRAIN_POLL_MS, this.#over.signal)
    }
    this.#noteMoved(new Set([partition]))
  }

  async #startRouting(): Promise<void> {
    await this.#shortcut.take(await this.#options.connection.jetstreamManager({ checkAPI: false }))
    this.#stream = await this.#parts.takeStream(async () => this.#insistOn((board) => dutiesOf(board, this.id).routing))
  }

  async #stopRouting(): Promise<void> {
    await this.#stream?.letGo()
    this.#stream = undefined
    this.#shortcut.leaveAll()
  }

  /** Throws while it is not certain that the board says so: a process that was stopped for a while must look first. */
  #insistOn(isSaid: (board: Board) => boolean): void {
    const { board, isCertain } = this.#membership
    if (this.#over.signal.aborted || !isCertain || !board || !isSaid(board))
      throw new Error('The board has to be looked at first.')
  }

  #noteBoard(board: Board): void {
    const { metrics } = this.#options
    const before = this.#owners
    this.#owners = board.partitions
    metrics.members.set(Object.keys(board.members).length)
    metrics.partitionsHeld.set(dutiesOf(board, this.id).partitions.size)
    const moved = board.partitions.flatMap((owner, partition) => (owner === before[partition] ? [] : [partition]))
    if (moved.length > 0) this.#noteMoved(new Set(moved))
  }

  /** Somebody else writes these from now on: what is known of their versions, and their live streams, begin anew. */
  #noteMoved(partitions: ReadonlySet<number>): void {
    const { versions, live } = this.#options
    const hasMoved = (tenantId: string) => partitions.has(partitionOf(tenantId))
    versions.forget(hasMoved)
    live.reassigned(hasMoved)
  }

  /** Takes the short way for what need not be passed on, whenever there is one. */
  async #shorten(): Promise<void> {
    const { connection, clock, logger } = this.#options
    const { signal } = this.#over
    while (!signal.aborted) {
      await sleep(clock, SHORTEN_INTERVAL_MS, signal)
      if (!this.isRouting()) continue
      try {
        await this.#shortcut.take(await connection.jetstreamManager({ checkAPI: false }))
      } catch (error) {
        if (!signal.aborted) logger.warn('what this process stores itself is passed on still', { error })
      }
    }
  }
}

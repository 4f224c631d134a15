/**
 * One process's part in sharing the work: keeps its seat on the board, takes what is free, gives up what is too much, and closes off whoever has gone silent. What the
 * board says comes in, duties to begin and to end leave. Knows neither the broker nor the store.
 */
import { backoffMs, type Clock, sleep } from '../clock.ts'
import type { Logger } from '../logger.ts'
import {
  type Board,
  type Duties,
  dutiesOf,
  EMPTY_BOARD,
  surplusOf,
  withBeat,
  withClaims,
  withoutDuties,
  withoutMember,
} from './board.ts'
import { Liveness } from './liveness.ts'
import type { BoardStore, MemberDuties, SeenBoard } from './ports.ts'

const LOOK_INTERVAL_MS = 250
const BEAT_INTERVAL_MS = 1_000
/** What was read so long ago is not relied upon any more. */
const MAX_AGE_MS = 1_000

export interface MembershipOptions {
  readonly id: string
  readonly store: BoardStore
  readonly duties: MemberDuties
  readonly clock: Clock
  readonly logger: Logger
}

/** `removed`: others took this process for dead; what it has begun must not go on. */
export type MembershipEnd = 'left' | 'removed'

export class Membership {
  readonly #options: MembershipOptions
  readonly #liveness = new Liveness()
  /** Partitions that were begun, and what routing was, each once its beginning or end is under way. */
  readonly #held = new Set<number>()
  readonly #changing = new Set<number | 'routing'>()
  /** Partitions that have ended here; the next write says so. By the looks alone, as one that was under way would otherwise find them to be this process's still. */
  readonly #ended = new Set<number>()
  /** Silent members, and whether they are closed off by now. */
  readonly #closing = new Map<string, boolean>()
  readonly #over = new AbortController()
  #clearing: 'not yet' | 'under way' | 'done' = 'not yet'
  #isRouting = false
  #isLeaving = false
  #seen: SeenBoard | undefined
  #seenAt = -Infinity
  #beatAt = -Infinity

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Whether the board was seen just now, with this process on it. */
  get isCertain(): boolean {
    return this.#options.clock.monotonic() - this.#seenAt < MAX_AGE_MS && this.#isOn(this.#seen)
  }

  get board(): Board | undefined {
    return this.#seen?.board
  }

  /** Takes part until `signal` aborts and everything was handed over, or others have removed it, or `lost` aborts. */
  async run(signal: AbortSignal, lost: AbortSignal): Promise<MembershipEnd> {
    const { clock, logger } = this.#options
    const woken = new AbortController()
    signal.addEventListener('abort', () => woken.abort())
    lost.addEventListener('abort', () => woken.abort())
    try {
      for (let failures = 0; ;) {
        if (lost.aborted) return 'removed'
        this.#isLeaving = signal.aborted
        try {
          const end = await this.#look()
          if (end) return end
          failures = 0
        } catch (error) {
          if (failures++ === 0) logger.warn('the board cannot be read or written', { error })
        }
        const pauseMs = failures > 0 ? backoffMs(failures, { maxMs: 1_000 }) : LOOK_INTERVAL_MS
        await sleep(clock, pauseMs, this.#isLeaving ? undefined : woken.signal)
      }
    } finally {
      this.#over.abort()
    }
  }

  async #look(): Promise<MembershipEnd | undefined> {
    const { id, store, clock } = this.#options
    const seen = await store.read()
    const isMember = this.#isOn(seen)
    if (this.#seen !== undefined && !isMember) return 'removed'
    const now = clock.monotonic()
    if (isMember) this.#note(seen!)
    let board = seen?.board ?? EMPTY_BOARD
    for (const { member, isOver } of this.#liveness.silentIn(board, now))
      if (member !== id && !this.#closing.has(member)) void this.#closeOff(member, isOver)
    for (const [member, isClosed] of this.#closing) if (isClosed) board = withoutMember(board, member)
    if (!board.isCleared && board.router === id) board = this.#cleared(board)
    if (this.#isLeaving) return this.#leave(board, seen?.revision ?? 0)
    if (!isMember || now - this.#beatAt >= BEAT_INTERVAL_MS) board = withBeat(board, id)
    const ended = new Set(this.#ended)
    board = withClaims(withoutDuties(board, id, { partitions: ended, routing: false }), id)
    if (board !== seen?.board && !isSame(board, seen?.board)) {
      const revision = await store.write(board, seen?.revision ?? 0)
      // Somebody else was faster.
      if (revision === undefined) return undefined
      this.#beatAt = now
      this.#note({ board, revision })
    }
    for (const partition of ended) this.#ended.delete(partition)
    if (board.isCleared) this.#perform(dutiesOf(board, id), surplusOf(board, id))
    return undefined
  }

  #note(seen: SeenBoard): void {
    const { clock, duties } = this.#options
    const isNew = seen.revision !== this.#seen?.revision
    this.#seen = seen
    this.#seenAt = clock.monotonic()
    if (isNew) duties.onBoard(seen.board)
  }

  /** Whoever routes first clears the place. */
  #cleared(board: Board): Board {
    if (this.#clearing === 'not yet') void this.#clear()
    return { ...board, isCleared: this.#clearing === 'done' }
  }

  async #clear(): Promise<void> {
    const { duties, logger } = this.#options
    this.#clearing = 'under way'
    try {
      await duties.closeOffStrangers()
      this.#clearing = 'done'
    } catch (error) {
      logger.warn('who was here before cannot be closed off yet', { error })
      this.#clearing = 'not yet'
    }
  }

  /** Beside the looks: a store that does not answer must not keep this member from saying that it is there. */
  async #closeOff(member: string, isOver: boolean): Promise<void> {
    const { duties, logger } = this.#options
    this.#closing.set(member, false)
    try {
      if (!isOver && !(await duties.isGone(member))) return void this.#closing.delete(member)
      logger.warn('a member has gone silent and is closed off', { member })
      await duties.closeOff(member)
      this.#closing.set(member, true)
    } catch (error) {
      logger.warn('a member cannot be closed off yet', { member, error })
      this.#closing.delete(member)
    }
  }

  /** Gives everything back: the duties first, then the seat. */
  async #leave(board: Board, revision: number): Promise<MembershipEnd | undefined> {
    const { id, store } = this.#options
    if (!this.#isOn({ board, revision })) return 'left'
    if (this.#changing.size === 0) {
      if (this.#isRouting) this.#end('routing')
      for (const partition of this.#held) this.#end(partition)
    }
    if (this.#changing.size > 0 || this.#isRouting || this.#held.size > 0) {
      // Whoever waits for one of them need not wait for all.
      await store.write(withBeat(withoutDuties(board, id, this.#endedOf(board)), id), revision)
      return undefined
    }
    return (await store.write(withoutMember(board, id), revision)) === undefined ? undefined : 'left'
  }

  /** What the board says is this process's, and it has ended. */
  #endedOf(board: Board): Duties {
    const { partitions, routing } = dutiesOf(board, this.#options.id)
    const isOver = (duty: number | 'routing', isHeld: boolean) => !isHeld && !this.#changing.has(duty)
    return {
      partitions: new Set([...partitions].filter((partition) => isOver(partition, this.#held.has(partition)))),
      routing: routing && isOver('routing', this.#isRouting),
    }
  }

  #perform({ partitions, routing }: Duties, surplus: readonly number[]): void {
    for (const partition of partitions)
      if (!this.#held.has(partition) && !this.#ended.has(partition)) this.#begin(partition)
    for (const partition of surplus) if (this.#held.has(partition)) this.#end(partition)
    // Last, as what it takes for partitions that are not begun yet is passed on.
    if (routing && !this.#isRouting && this.#changing.size === 0) this.#begin('routing')
  }

  #begin(duty: number | 'routing'): void {
    const { takePartition, startRouting } = this.#options.duties
    this.#change(duty, duty === 'routing' ? startRouting : () => takePartition(duty), true)
  }

  #end(duty: number | 'routing'): void {
    const { leavePartition, stopRouting } = this.#options.duties
    this.#change(duty, duty === 'routing' ? stopRouting : () => leavePartition(duty), false)
  }

  /** Begins or ends a duty, for as long as it takes; one change of a duty at a time. */
  #change(duty: number | 'routing', task: () => Promise<void>, isBeginning: boolean): void {
    if (this.#changing.has(duty)) return
    this.#changing.add(duty)
    void (async () => {
      const { clock, logger } = this.#options
      const { signal } = this.#over
      for (let attempt = 0; !signal.aborted; attempt++) {
        try {
          await task()
          break
        } catch (error) {
          logger.warn('a duty cannot be begun or ended yet', { duty, isBeginning, attempt, error })
          await sleep(clock, backoffMs(attempt, { maxMs: 2_000 }), signal)
        }
      }
      if (duty === 'routing') this.#isRouting = isBeginning
      else if (isBeginning) this.#held.add(duty)
      else {
        this.#held.delete(duty)
        this.#ended.add(duty)
      }
      this.#changing.delete(duty)
    })()
  }

  #isOn(seen: SeenBoard | undefined): boolean {
    return seen !== undefined && this.#options.id in seen.board.members
  }
}

function isSame(a: Board, b: Board | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

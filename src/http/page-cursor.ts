/**
 * Cursors of lists: opaque texts that say where a page ended, to which question they belong, and on which day the first page was asked for, so that `timeRange=7d` is the
 * same range on every page. They are validated like any other parameter and are not secret: a forged cursor gives another page of the tenant's own lists, nothing else.
 */
import { invalidCursor, type ListPosition } from '../analytics/list-page.ts'

/** Whose question, and what is asked, but for the page. */
export interface PagedQuestion {
  readonly tenantId: string
  readonly dashboard: string
  readonly asked: Readonly<Record<string, string | number | undefined>>
}

export interface Cursor {
  /** The start of the local day of the first page, epoch milliseconds. Not the instant: then no two answers would be the same. */
  readonly askedOn: number
  readonly after: readonly ListPosition[]
}

const VERSION = 1
const MAX_SKIPPED = 1_000_000
/** The clocks of two processes may differ. */
const MAX_AHEAD_MS = 3_600_000

type Written = [
  version: number,
  question: string,
  askedOn: number,
  ...lists: [order: number[], idHead: string, skipped: number][],
]

export async function writeCursor(question: PagedQuestion, { askedOn, after }: Cursor): Promise<string> {
  const lists = after.map(({ order, idHead, skipped }): Written[3] => [[...order], idHead, skipped])
  const written: Written = [VERSION, await digestOf(question), askedOn, ...lists]
  return toBase64Url(new TextEncoder().encode(JSON.stringify(written)))
}

/** Throws a VALIDATION_ERROR when it is no cursor, or one of another question. */
export async function readCursor(text: string, question: PagedQuestion, now: number): Promise<Cursor> {
  const written = parse(text)
  if (!Array.isArray(written)) throw invalidCursor()
  const [version, digest, askedOn, ...lists] = written as unknown[]
  if (version !== VERSION || digest !== (await digestOf(question)) || !isCount(askedOn, now + MAX_AHEAD_MS))
    throw invalidCursor()
  return { askedOn, after: lists.map(readPosition) }
}

function readPosition(list: unknown): ListPosition {
  if (!Array.isArray(list) || list.length !== 3) throw invalidCursor()
  const [order, idHead, skipped] = list as unknown[]
  if (!Array.isArray(order) || !order.every((value) => isCount(value))) throw invalidCursor()
  if (typeof idHead !== 'string' || !idHead.isWellFormed() || !isCount(skipped, MAX_SKIPPED)) throw invalidCursor()
  return { order, idHead, skipped }
}

function isCount(value: unknown, max = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max
}

function parse(text: string): unknown {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** Identifies the question. */
async function digestOf({ tenantId, dashboard, asked }: PagedQuestion): Promise<string> {
  const pairs = Object.entries(asked).filter(([, value]) => value !== undefined)
  const text = JSON.stringify([tenantId, dashboard, pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))])
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toBase64Url(new Uint8Array(digest, 0, 12))
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** What is behind a number, as the address of the page contains it. */
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { MEMBERS_PATHS } from '../analysis/member-drill.ts'

/** A search, and what the number says that it is behind. */
export interface ShownDrill extends Drill {
  readonly label?: string | undefined
}

/** A message or contact whose timeline is shown. */
export interface OpenedItem {
  readonly kind: 'message' | 'contact'
  readonly id: string
}

export const MESSAGES_PATH = '/messages/search'
export const EVENTS_PATH = '/events/search'
const KNOWN_PATHS: readonly unknown[] = [MESSAGES_PATH, EVENTS_PATH, ...MEMBERS_PATHS]

/** Parses a parameter of the address; undefined where it is no search. What the search may ask is decided by the service. */
export function parseShownDrill(text: string | undefined): ShownDrill | undefined {
  if (text === undefined) return undefined
  try {
    const { path, body, label } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (!KNOWN_PATHS.includes(path) || typeof body !== 'object' || body === null) return undefined
    return { path: path as string, body: body as Drill['body'], ...(typeof label === 'string' && { label }) }
  } catch {
    return undefined
  }
}

export function formatShownDrill({ path, body, label }: ShownDrill): string {
  return JSON.stringify({ path, body, label })
}

/** The message or contact of an address, from its parameters. */
export function parseOpenedItem(parameter: (name: string) => string | undefined): OpenedItem | undefined {
  for (const kind of ['message', 'contact'] as const) {
    const id = parameter(kind)
    if (id !== undefined) return { kind, id }
  }
  return undefined
}

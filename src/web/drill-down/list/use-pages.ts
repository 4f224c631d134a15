import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { ApiError } from '../../api/api-error.ts'
import { useApp } from '../../state/app.ts'
import { refuseContacts } from '../drill-access.ts'

/** A page of a list. */
export interface ListPage<Row> {
  readonly rows: readonly Row[]
  /** The number of rows of all pages, where the service says it. */
  readonly count?: number
  /** Null at the end. */
  readonly cursor: string | null
  /** The rows that were stored after the first page was read; no page has them. */
  readonly newer?: number
}

/** The pages that are loaded. */
export interface LoadedPages<Row> {
  /** Undefined before the first page. */
  readonly page: ListPage<Row> | undefined
  readonly isLoading: boolean
  /** Why the latest page could not be loaded. */
  readonly error: unknown
}

export interface Pages<Row> {
  readonly loaded: Signal<LoadedPages<Row>>
  more(): void
  /** Begins again with the first page. */
  reload(): void
}

type ReadPage<Row> = (cursor: string | null, signal: AbortSignal) => Promise<ListPage<Row>>

/** Reads a list page by page. Another key, and another session, begin with the first page. */
export function usePages<Row>(key: string, read: ReadPage<Row>): Pages<Row> {
  const { session } = useApp()
  const loaded = useSignal<LoadedPages<Row>>({ page: undefined, isLoading: true, error: undefined })
  const state = session.state.value
  const pages = useMemo(() => new PageReader(loaded, read), [key, state])
  useEffect(() => {
    if (state.kind === 'active') pages.reload()
    return () => pages.stop()
  }, [pages])
  const { error } = loaded.value
  useEffect(() => {
    if (!(error instanceof ApiError) || state.kind !== 'active') return
    if (error.status === 401) session.expire()
    else if (error.status === 403) refuseContacts(state.session)
  }, [error])
  return { loaded, more: () => pages.more(), reload: () => pages.reload() }
}

class PageReader<Row> {
  readonly #loaded: Signal<LoadedPages<Row>>
  readonly #read: ReadPage<Row>
  #abort = new AbortController()

  constructor(loaded: Signal<LoadedPages<Row>>, read: ReadPage<Row>) {
    this.#loaded = loaded
    this.#read = read
  }

  stop(): void {
    this.#abort.abort()
  }

  reload(): void {
    this.#loaded.value = { page: undefined, isLoading: true, error: undefined }
    void this.#load(undefined)
  }

  more(): void {
    const { page, isLoading } = this.#loaded.peek()
    if (isLoading || !page || page.cursor === null) return
    this.#loaded.value = { page, isLoading: true, error: undefined }
    void this.#load(page)
  }

  async #load(before: ListPage<Row> | undefined): Promise<void> {
    this.#abort.abort()
    const { signal } = (this.#abort = new AbortController())
    try {
      const next = await this.#read(before?.cursor ?? null, signal)
      signal.throwIfAborted()
      const page = { ...next, rows: before ? [...before.rows, ...next.rows] : next.rows }
      this.#loaded.value = { page, isLoading: false, error: undefined }
    } catch (error) {
      if (!signal.aborted) this.#loaded.value = { page: before, isLoading: false, error }
    }
  }
}

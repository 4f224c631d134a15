import { type ReadonlySignal, signal } from '@preact/signals'

export interface Toast {
  readonly id: number
  readonly kind: 'success' | 'error'
  readonly text: string
}

const VISIBLE_MS = 6_000
/** More would cover the page. */
const MAX_TOASTS = 3

/** Short messages about an action, which disappear by themselves. */
export class Toasts {
  readonly #list = signal<readonly Toast[]>([])
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()
  #nextId = 1
  #isPaused = false
  readonly list: ReadonlySignal<readonly Toast[]> = this.#list

  /** Shows a message. One with the same text is replaced. */
  show(kind: Toast['kind'], text: string): void {
    const id = this.#nextId++
    const others = this.#list.peek().filter((toast) => toast.text !== text)
    const kept = [...others, { id, kind, text }].slice(-MAX_TOASTS)
    for (const { id: removed } of this.#list.peek())
      if (!kept.some((toast) => toast.id === removed)) this.#stopTimer(removed)
    this.#list.value = kept
    if (!this.#isPaused) this.#startTimer(id)
  }

  dismiss(id: number): void {
    this.#stopTimer(id)
    this.#list.value = this.#list.peek().filter((toast) => toast.id !== id)
    // The pointer or the focus was on a toast that is gone.
    if (this.#list.peek().length === 0) this.#isPaused = false
  }

  /** Keeps all messages until `resume`. */
  pause(): void {
    this.#isPaused = true
    for (const id of [...this.#timers.keys()]) this.#stopTimer(id)
  }

  /** Gives all messages their full time again. */
  resume(): void {
    this.#isPaused = false
    for (const { id } of this.#list.peek()) this.#startTimer(id)
  }

  #startTimer(id: number): void {
    this.#stopTimer(id)
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), VISIBLE_MS),
    )
  }

  #stopTimer(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
}

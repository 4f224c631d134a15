import { type ReadonlySignal, signal } from '@preact/signals'

export interface Toast {
  readonly id: number
  readonly kind: 'success' | 'error'
  readonly text: string
}

const VISIBLE_MS = 6_000

/** Short messages about an action, which disappear by themselves. */
export class Toasts {
  readonly #list = signal<readonly Toast[]>([])
  #nextId = 1
  readonly list: ReadonlySignal<readonly Toast[]> = this.#list

  show(kind: Toast['kind'], text: string): void {
    const id = this.#nextId++
    this.#list.value = [...this.#list.peek(), { id, kind, text }]
    setTimeout(() => this.dismiss(id), VISIBLE_MS)
  }

  dismiss(id: number): void {
    this.#list.value = this.#list.peek().filter((toast) => toast.id !== id)
  }
}

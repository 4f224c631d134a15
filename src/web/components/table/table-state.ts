import { type Signal, signal } from '@preact/signals'
import type { Sorting } from './column.ts'
import { type ColumnChoice, readColumnChoice } from './column-choice.ts'

/** What a user changed in a table. */
export interface TableState {
  /** Undefined = the initial order of the table. */
  readonly sorting: Signal<Sorting | undefined>
  readonly search: Signal<string>
  readonly columnChoice: Signal<ColumnChoice>
  /** Pixels. */
  scrollTop: number
}

/** The states live as long as the page: a user who opens a row and returns finds the table as it was. */
const states = new Map<string, TableState>()

export function tableStateOf(tableId: string): TableState {
  let state = states.get(tableId)
  if (!state) {
    state = {
      sorting: signal(undefined),
      search: signal(''),
      columnChoice: signal(readColumnChoice(tableId)),
      scrollTop: 0,
    }
    states.set(tableId, state)
  }
  return state
}

/** Removes all states: the next user of this tab sees neither the searches nor the order of this one. */
export function forgetTableStates(): void {
  states.clear()
}

/** A state with the revision under which it was read. */
export interface StoredState<State> {
  readonly state: State
  readonly revision: number
}

/** How far schedules or alert rules have run: one state for each, kept until it is removed. Every method rejects while the broker does not respond. */
export interface RunStateStore<State> {
  /** Undefined when there is none. */
  read(tenantId: string, sourceId: string): Promise<StoredState<State> | undefined>
  /** False when the state has another revision than that; 0 = no state. */
  write(tenantId: string, sourceId: string, state: State, revision: number): Promise<boolean>
  remove(tenantId: string, sourceId: string): Promise<void>
}

/**
 * What every statement to a cluster carries, by what it is for. The servers' own profiles may say otherwise, so that nothing is left to them.
 */
export type StatementSettings = Readonly<Record<string, string | number>>

export interface ClusterSettings {
  /** For the migrations. */
  readonly migration: StatementSettings
  /** For what writes, and for what has to see all that was written. */
  readonly write: StatementSettings
  /** For the hourly care, which begins what goes on by itself. */
  readonly maintenance: StatementSettings
  readonly read: StatementSettings
  /** For the audit trail: a replica that is away must not hold it up. */
  readonly requestAudit: StatementSettings
}

/** Below the time that a client waits for an answer: an unknown outcome is then told by the server itself. */
const QUORUM_TIMEOUT_MS = 20_000
const DDL_TIMEOUT_SECONDS = 25

/** Whichever replica answers shows all that was acknowledged, or says that it cannot (code 289); a shard that is away is never passed over. */
const CONSISTENT_READ = { select_sequential_consistency: 1, skip_unavailable_shards: 0 } as const
/** An insert has reached the shards when it is answered. */
const FOREGROUND_INSERT = { distributed_foreground_insert: 1, parallel_distributed_insert_select: 0 } as const

const WRITE_SETTINGS: StatementSettings = {
  ...CONSISTENT_READ,
  ...FOREGROUND_INSERT,
  // A majority of a shard's replicas has it, and one insert a shard at a time: sequential consistency is built on that order.
  insert_quorum: 'auto',
  insert_quorum_parallel: 0,
  insert_quorum_timeout: QUORUM_TIMEOUT_MS,
  distributed_ddl_task_timeout: DDL_TIMEOUT_SECONDS,
}

export const CLUSTER_SETTINGS: ClusterSettings = {
  // Each change reaches every replica before the next statement, which may run on another replica.
  migration: { ...WRITE_SETTINGS, alter_sync: 2 },
  write: WRITE_SETTINGS,
  // Statements for all nodes wait in one line, and the fence among them: none may stand there until a month is merged.
  maintenance: { ...WRITE_SETTINGS, alter_sync: 0, optimize_skip_merged_partitions: 1 },
  // Refused rather than asked of every shard.
  read: { ...CONSISTENT_READ, optimize_skip_unused_shards: 1, force_optimize_skip_unused_shards: 1 },
  requestAudit: { ...FOREGROUND_INSERT, skip_unavailable_shards: 0, distributed_ddl_task_timeout: DDL_TIMEOUT_SECONDS },
}

export const NO_CLUSTER_SETTINGS: ClusterSettings = {
  migration: {},
  write: {},
  maintenance: {},
  read: {},
  requestAudit: {},
}

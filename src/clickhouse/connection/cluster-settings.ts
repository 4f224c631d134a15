/**
 * The settings of every statement to a cluster, by purpose. They are explicit, since the profiles of the servers may contain other values.
 */
export type StatementSettings = Readonly<Record<string, string | number>>

export interface ClusterSettings {
  /** For the migrations. */
  readonly migration: StatementSettings
  /** For writing, and for reads that have to see every acknowledged write. */
  readonly write: StatementSettings
  /** For the hourly maintenance, whose statements continue in the background. */
  readonly maintenance: StatementSettings
  readonly read: StatementSettings
  /** For the request audit, which an unavailable replica must not delay. */
  readonly requestAudit: StatementSettings
}

/** Shorter than the request timeout, so that the server reports an unknown outcome itself. */
const QUORUM_TIMEOUT_MS = 20_000
const DDL_TIMEOUT_SECONDS = 25

/** Every replica returns all acknowledged rows or fails (code 289), and an unavailable shard is an error. */
const CONSISTENT_READ = { select_sequential_consistency: 1, skip_unavailable_shards: 0 } as const
/** An insert is acknowledged after it has reached the shards. */
const FOREGROUND_INSERT = { distributed_foreground_insert: 1, parallel_distributed_insert_select: 0 } as const

const WRITE_SETTINGS: StatementSettings = {
  ...CONSISTENT_READ,
  ...FOREGROUND_INSERT,
  // A majority of the replicas confirms each insert, one insert per shard at a time: sequential consistency depends on this order.
  insert_quorum: 'auto',
  insert_quorum_parallel: 0,
  insert_quorum_timeout: QUORUM_TIMEOUT_MS,
  distributed_ddl_task_timeout: DDL_TIMEOUT_SECONDS,
}

export const CLUSTER_SETTINGS: ClusterSettings = {
  // Each change reaches every replica before the next statement, which may run on another replica.
  migration: { ...WRITE_SETTINGS, alter_sync: 2 },
  write: WRITE_SETTINGS,
  // ON CLUSTER statements run in one queue, including the fence: a merge of a month must not block it.
  maintenance: { ...WRITE_SETTINGS, alter_sync: 0, optimize_skip_merged_partitions: 1 },
  // A query without a tenant condition fails instead of reading every shard.
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

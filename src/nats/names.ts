/** Names on the broker that belong to the service: streams, subjects, buckets and headers. */

/** The stream that is created when no stream captures the event subjects. */
export const DEFAULT_EVENT_STREAM = 'EVENTS'

export const DEAD_LETTER_STREAM = 'ANALYTICS_DEAD'
/** A dead letter has the subject `analytics.dead.<reason>`. */
export const DEAD_LETTER_SUBJECT_PREFIX = 'analytics.dead.'

/** Events of tenants over their quota. */
export const DEFERRED_STREAM = 'ANALYTICS_DEFERRED'
/** One subject per tenant. */
export const DEFERRED_SUBJECT_PREFIX = 'analytics.deferred.'

/** Events that one process forwards to another. */
export const PARTITION_STREAM = 'ANALYTICS_PARTITIONS'
/** One subject per consumer name and partition. */
export const PARTITION_SUBJECT_PREFIX = 'analytics.partition.'

/** Key-value bucket with one entry per consumer name: how far the service has settled the event stream. */
export const PROGRESS_BUCKET = 'analytics-progress'

/** Key-value bucket with one entry per consumer name: the state of the cluster. */
export const CLUSTER_STATE_BUCKET = 'analytics-cluster'
/** Key-value bucket of what tenants define: reports, schedules, alert rules. */
export const DEFINITIONS_BUCKET = 'analytics-definitions'
/** Messages between the processes of a cluster, which are not stored. */
export const CLUSTER_SUBJECT_PREFIX = 'analytics.cluster.'

/** Key-value bucket with one entry per delivery of a report or an alert: the log. */
export const DELIVERY_BUCKET = 'analytics-deliveries'
/** Key-value bucket with the deliveries that are not settled. */
export const OPEN_DELIVERY_BUCKET = 'analytics-deliveries-open'
/** Key-value bucket with one entry per schedule or alert rule: how far it has run. */
export const RUN_PROGRESS_BUCKET = 'analytics-runs'

/** Key-value bucket with one entry per alert rule: how far it was judged, its states and its history. */
export const ALERT_BUCKET = 'analytics-alerts'
/** Changes of state of alert rules, for other systems. */
export const ALERT_STREAM = 'ANALYTICS_ALERTS'
/** Behind it stands `firing` or `resolved`. */
export const ALERT_SUBJECT_PREFIX = 'analytics.alert.'

/** Headers that keep the identity of an event when its message is published again, as a new message has another id and another position. */
export const REPLAY_HEADERS = {
  messageId: 'Analytics-Replay-Msg-Id',
  stream: 'Analytics-Replay-Stream',
  sequence: 'Analytics-Replay-Sequence',
  storedAt: 'Analytics-Replay-Stored-At',
  /** The original subject of a deferred event. */
  subject: 'Analytics-Replay-Subject',
} as const

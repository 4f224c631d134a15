import { LIMIT_REASONS } from './errors.ts'
import { REJECTION_REASON_NAMES } from '../events/rejection.ts'
import { LIVE_EVENTS, RESYNC_REASONS } from '../live/live-message.ts'
import { Counter, Gauge, Histogram } from './prometheus.ts'
import { UNEXPECTED_ERROR_PLACES } from './unexpected-errors.ts'

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const FRESHNESS_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.5, 2, 3, 5, 10, 30, 60, 300, 3600]
const EVENT_LOOP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const ROUND_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const BATCH_ROWS = [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000]

/** Every metric of the service: name, help text, and the values of its labels where they are known in advance. */
export function createServiceMetrics() {
  return {
    eventsReceived: new Counter(
      'analytics_events_received_total',
      'Messages received from the stream, redeliveries excluded.',
    ),
    eventsRedelivered: new Counter('analytics_events_redelivered_total', 'Messages that were delivered again.'),
    eventsIgnored: new Counter(
      'analytics_events_ignored_total',
      'Messages on subjects that the service does not consume.',
    ),
    eventsMissed: new Counter(
      'analytics_events_missed_total',
      'Messages that left the stream before they were delivered, by cause. At most this number of events is missing.',
    ),
    eventsStored: new Counter('analytics_events_stored_total', 'Events stored.'),
    eventsDuplicate: new Counter('analytics_events_duplicate_total', 'Events that were stored before.'),
    eventsDeadLettered: new Counter(
      'analytics_events_dead_lettered_total',
      'Messages stored as dead letters, by reason.',
      { reason: REJECTION_REASON_NAMES },
    ),
    eventsConflict: new Counter(
      'analytics_events_conflict_total',
      'Duplicates with another payload than the stored event.',
    ),
    eventsDeferred: new Counter(
      'analytics_events_deferred_total',
      'Events deferred because their tenant was over its quota.',
    ),
    eventsForwarded: new Counter(
      'analytics_events_forwarded_total',
      'Events forwarded to the process that stores the events of their tenant.',
    ),
    clusterMembers: new Gauge('analytics_cluster_members', 'Processes that share the work of the environment.'),
    partitionsHeld: new Gauge(
      'analytics_cluster_partitions',
      'Partitions of tenants that are assigned to this process.',
    ),
    leader: new Gauge('analytics_cluster_leader', '1 while this process consumes the event stream, else 0.'),
    deferredEvents: new Gauge('analytics_deferred_events', 'Deferred events that are waiting.'),
    bufferDepth: new Gauge('analytics_buffer_depth', 'Events in the buffer between the tenant actors and the writer.'),
    inFlightEvents: new Gauge('analytics_in_flight_events', 'Messages received and not settled.'),
    inFlightBytes: new Gauge('analytics_in_flight_bytes', 'Bytes of the messages received and not settled.'),
    memoryBudgetUsed: new Gauge(
      'analytics_memory_budget_used_ratio',
      'Used share of the memory of ingestion. At 1 no more messages are pulled.',
    ),
    ledgerEvents: new Gauge(
      'analytics_ledger_events',
      'Deliveries since the start, by outcome. Delivered is the sum of all other outcomes.',
    ),
    ledgerUnbalancedTenants: new Gauge(
      'analytics_ledger_unbalanced_tenants',
      'Tenants whose deliveries and outcomes do not add up. Anything but 0 is a defect.',
    ),
    tenantEvents: new Gauge(
      'analytics_tenant_events',
      'Deliveries of the busiest tenants since the start, by outcome; METRICS_TENANTS is their number.',
    ),
    tenantBytes: new Gauge(
      'analytics_tenant_disk_bytes',
      'Disk use of the largest tenants, estimated by their share of the rows once per hour; METRICS_TENANTS is their number.',
    ),
    openCircuitBreakers: new Gauge(
      'analytics_open_circuit_breakers',
      'Tenants nearly all of whose events are rejected. Messages without a known tenant count as one tenant.',
    ),
    lookupSeconds: new Histogram(
      'analytics_lookup_duration_seconds',
      'Time to look up which events of a block are stored already.',
      FAST_SECONDS,
    ),
    insertSeconds: new Histogram('analytics_insert_duration_seconds', 'Time to insert a block.', FAST_SECONDS),
    factsSeconds: new Histogram(
      'analytics_facts_duration_seconds',
      'Time to bring the facts of the messages of a block up to date.',
      FAST_SECONDS,
    ),
    factsRecalculated: new Counter(
      'analytics_facts_recalculations_total',
      'Runs that calculated the facts of messages again after an erasure.',
    ),
    flushSize: new Histogram('analytics_flush_size', 'Events per block.', BATCH_ROWS),
    flushSeconds: new Histogram(
      'analytics_flush_duration_seconds',
      'Time from taking a block to having stored it, retries included.',
      FAST_SECONDS,
    ),
    idFilterComplete: new Gauge(
      'analytics_id_filter_complete',
      '1 while the filter of stored ids contains all of them, else 0: lookups then take longer. Absent without a filter.',
    ),
    idFilterIds: new Gauge('analytics_id_filter_ids', 'Ids in the filter of stored ids.'),
    idFilterBytes: new Gauge('analytics_id_filter_bytes', 'Memory of the filter of stored ids.'),
    storeRetries: new Counter('analytics_store_retries_total', 'Failed attempts to store a block.'),
    streamBytes: new Gauge('analytics_stream_bytes', 'Bytes that a stream of the service holds, by stream.'),
    streamLimitBytes: new Gauge(
      'analytics_stream_limit_bytes',
      'Bytes that a stream of the service may hold, by stream. Absent for a stream without a limit.',
    ),
    deadLettersDropped: new Counter(
      'analytics_dead_letters_dropped_total',
      'Dead letters that were dropped, oldest first, because their stream was full.',
    ),
    consumerLag: new Gauge('analytics_consumer_lag_messages', 'Messages in the stream that were not delivered yet.'),
    consumerLagSeconds: new Gauge('analytics_consumer_lag_seconds', 'Age of the oldest message that is not settled.'),
    eventToQueryableSeconds: new Histogram(
      'analytics_event_to_queryable_seconds',
      'Time from the broker storing an event to its being queryable.',
      FRESHNESS_SECONDS,
    ),
    factsProgress: new Gauge(
      'analytics_facts_progress_ratio',
      'Share of the stored events of messages that the version of the facts that is being built contains; 1 while none is being built.',
    ),
    factsVersion: new Gauge(
      'analytics_facts_version',
      'The version of the facts of messages that answers are read from; 0 while the first one is being built.',
    ),
    consistencyMismatches: new Gauge(
      'analytics_consistency_mismatches',
      'Differences found by the last nightly consistency check, by check. Anything but 0 is a defect.',
    ),
    requestSeconds: new Histogram(
      'analytics_http_request_duration_seconds',
      'Time to respond to a request, by route and status.',
      FAST_SECONDS,
    ),
    querySeconds: new Histogram(
      'analytics_query_duration_seconds',
      'Time of the queries of a dashboard, by dashboard.',
      FAST_SECONDS,
    ),
    storeQuerySeconds: new Histogram(
      'analytics_store_query_duration_seconds',
      'Time of a query in the database, without waiting for a connection, by query.',
      FAST_SECONDS,
    ),
    dashboardResponses: new Counter(
      'analytics_dashboard_responses_total',
      'Dashboard responses by source: the store, the cache, or unchanged (304).',
      { source: ['store', 'cache', 'unchanged'] as const },
    ),
    requestAuditRows: new Counter('analytics_request_audit_rows_total', 'Rows written to the request audit.'),
    requestAuditDropped: new Counter(
      'analytics_request_audit_dropped_total',
      'Requests that are missing from the request audit because its buffer was full.',
    ),
    requestsLimited: new Counter(
      'analytics_requests_limited_total',
      'Requests that got 429, by reason: the request rate or the concurrency of a tenant, or the failed authentications of an address.',
      { reason: LIMIT_REASONS },
    ),
    requestsWaiting: new Gauge(
      'analytics_requests_waiting',
      'Dashboard requests that wait because their tenant has the permitted number of requests in progress.',
    ),
    exportsWaiting: new Gauge(
      'analytics_exports_waiting',
      'Requests for files that wait because their tenant has one in progress.',
    ),
    unreadResponseBytes: new Gauge(
      'analytics_unread_response_bytes',
      'Bytes of large responses that clients have not read yet.',
    ),
    eventLoopDelaySeconds: new Histogram(
      'analytics_event_loop_delay_seconds',
      'Delay of a timer because the event loop was busy, measured ten times per second.',
      EVENT_LOOP_SECONDS,
    ),
    liveClients: new Gauge('analytics_live_clients', 'Clients of live streams.'),
    liveMessages: new Counter('analytics_live_messages_total', 'Messages sent to clients of live streams, by event.', {
      event: LIVE_EVENTS,
    }),
    liveResyncs: new Counter('analytics_live_resyncs_total', 'Resets of clients of live streams, by reason.', {
      reason: RESYNC_REASONS,
    }),
    queriesWaiting: new Gauge('analytics_queries_waiting', 'Dashboard queries that wait for a reader.'),
    unexpectedErrors: new Counter(
      'analytics_unexpected_errors_total',
      'Exceptions that no code handles specifically, by where they occurred. Anything but 0 is a defect.',
      { where: UNEXPECTED_ERROR_PLACES },
    ),
    alertRulesJudged: new Counter(
      'analytics_alert_rules_judged_total',
      'Alert rules whose settled buckets were judged.',
    ),
    alertRoundSeconds: new Histogram(
      'analytics_alert_round_duration_seconds',
      'Time of a round that judged the alert rules that were due.',
      ROUND_SECONDS,
    ),
    actorsAlive: new Gauge('analytics_actors_alive', 'Tenant actors.'),
    actorRestarts: new Counter('analytics_actor_restarts_total', 'Restarts of tenant actors after a failure.'),
  }
}

export type ServiceMetrics = ReturnType<typeof createServiceMetrics>

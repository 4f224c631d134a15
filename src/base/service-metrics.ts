import { LIMIT_REASONS } from './errors.ts'
import { REJECTION_REASON_NAMES } from '../events/rejection.ts'
import { LIVE_EVENTS, RESYNC_REASONS } from '../live/live-message.ts'
import { Counter, Gauge, Histogram } from './prometheus.ts'
import { UNEXPECTED_ERROR_PLACES } from './unexpected-errors.ts'

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const FRESHNESS_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.5, 2, 3, 5, 10, 30, 60, 300, 3600]
const EVENT_LOOP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const BATCH_ROWS = [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000]

/** Every metric of the service, in one place: what is measured, what it is called, and what its labels may be where that is known beforehand. */
export function createServiceMetrics() {
  return {
    eventsReceived: new Counter(
      'analytics_events_in_total',
      'Messages taken over from the stream, redeliveries aside.',
    ),
    eventsRedelivered: new Counter(
      'analytics_events_redelivered_total',
      'Messages delivered again while or after being processed.',
    ),
    eventsIgnored: new Counter(
      'analytics_events_ignored_total',
      'Messages of the stream on subjects the service does not listen to.',
    ),
    eventsMissed: new Counter(
      'analytics_events_missed_total',
      'Messages that were gone from the stream before they were delivered, by cause: at most so many events are missing.',
    ),
    eventsStored: new Counter('analytics_events_stored_total', 'Events stored.'),
    eventsDuplicate: new Counter('analytics_events_duplicate_total', 'Events found to be stored already.'),
    eventsDeadLettered: new Counter('analytics_events_dead_total', 'Messages put into the dead letters, by reason.', {
      reason: REJECTION_REASON_NAMES,
    }),
    eventsConflict: new Counter(
      'analytics_events_conflict_total',
      'Duplicates whose contents are not those of the event that is kept.',
    ),
    eventsDeferred: new Counter(
      'analytics_events_delayed_total',
      'Events put away for later, because their tenant was over its quota.',
    ),
    eventsForwarded: new Counter(
      'analytics_events_passed_total',
      'Events passed on to the process that stores those of their tenant.',
    ),
    clusterMembers: new Gauge('analytics_members', 'Processes that share the work of the environment.'),
    partitionsHeld: new Gauge('analytics_partitions_held', 'Partitions of tenants whose events this process stores.'),
    leader: new Gauge('analytics_routing', '1 while this process takes the stream’s deliveries.'),
    deferredEvents: new Gauge('analytics_delayed_events', 'Events that wait for their tenant’s quota.'),
    bufferDepth: new Gauge('analytics_buffer_depth', 'Events buffered by tenant actors.'),
    inFlightEvents: new Gauge('analytics_in_flight_events', 'Messages taken over and not settled yet.'),
    inFlightBytes: new Gauge('analytics_in_flight_bytes', 'Bytes of the messages taken over and not settled yet.'),
    memoryBudgetUsed: new Gauge(
      'analytics_memory_budget_used_ratio',
      'Used part of what ingestion may hold in memory; at 1 nothing more is asked for.',
    ),
    ledgerEvents: new Gauge(
      'analytics_ledger_events',
      'Deliveries by what became of them: delivered = stored + duplicate + dead + delayed + passed + ignored + buffered.',
    ),
    ledgerUnbalancedTenants: new Gauge(
      'analytics_ledger_unbalanced_tenants',
      'Tenants whose side of the ledger does not add up. Anything but 0 is a defect.',
    ),
    tenantEvents: new Gauge(
      'analytics_tenant_events',
      'Deliveries of the busiest tenants by what became of them, as many tenants as METRICS_TENANTS says.',
    ),
    tenantBytes: new Gauge(
      'analytics_tenant_bytes',
      'Bytes on disk of the largest tenants, by their share of the rows, as many tenants as METRICS_TENANTS says; once an hour.',
    ),
    openCircuitBreakers: new Gauge(
      'analytics_breaker_tripped',
      'Tenants nearly all of whose events are rejected; messages whose tenant cannot be told count as one.',
    ),
    lookupSeconds: new Histogram(
      'analytics_lookup_seconds',
      'Seconds to find out which events of a block are stored already.',
      FAST_SECONDS,
    ),
    insertSeconds: new Histogram('analytics_insert_seconds', 'Seconds to insert a block.', FAST_SECONDS),
    flushSize: new Histogram('analytics_flush_size', 'Events per block given to the store.', BATCH_ROWS),
    flushSeconds: new Histogram(
      'analytics_flush_seconds',
      'Seconds from taking a block to having stored it.',
      FAST_SECONDS,
    ),
    storeRetries: new Counter('analytics_store_retries_total', 'Blocks that had to be tried again.'),
    streamBytes: new Gauge(
      'analytics_stream_bytes',
      'Bytes that a stream of the service holds at the broker, by stream.',
    ),
    streamLimitBytes: new Gauge(
      'analytics_stream_limit_bytes',
      'Bytes that it may hold; absent where the stream has no limit.',
    ),
    deadLettersDropped: new Counter(
      'analytics_dead_letters_dropped_total',
      'Messages of the dead letters that were dropped, oldest first, because their stream was full.',
    ),
    consumerLag: new Gauge('analytics_consumer_lag', 'Messages in the stream that were not delivered to us yet.'),
    consumerLagSeconds: new Gauge(
      'analytics_consumer_lag_seconds',
      'Seconds since the broker stored the oldest message that is not settled.',
    ),
    eventToQueryableSeconds: new Histogram(
      'analytics_event_to_queryable_seconds',
      'Seconds from the broker storing an event to the event being queryable.',
      FRESHNESS_SECONDS,
    ),
    consistencyMismatches: new Gauge(
      'analytics_derived_mismatches',
      'What the last nightly audit found, by what differs: projections from the rows, ids from rows; how many. Anything but 0 is a defect.',
    ),
    requestSeconds: new Histogram(
      'analytics_request_seconds',
      'Seconds to answer a request, by route and status.',
      FAST_SECONDS,
    ),
    querySeconds: new Histogram(
      'analytics_query_seconds',
      'Seconds to run the queries of a dashboard, by dashboard.',
      FAST_SECONDS,
    ),
    dashboardResponses: new Counter(
      'analytics_answers_total',
      'Dashboard answers by where they came from: the store, the cache, or unchanged (304).',
      { from: ['store', 'cache', 'unchanged'] as const },
    ),
    requestAuditRows: new Counter('analytics_audit_rows_total', 'Rows written into the audit trail.'),
    requestAuditDropped: new Counter(
      'analytics_audit_dropped_total',
      'Requests that found no place in the audit trail’s memory.',
    ),
    requestsLimited: new Counter(
      'analytics_requests_limited_total',
      'Requests answered by 429, by reason: the rate of a tenant, its requests at once, refused credentials of an address.',
      { reason: LIMIT_REASONS },
    ),
    requestsWaiting: new Gauge(
      'analytics_requests_waiting',
      'Dashboard requests waiting because their tenant has as many under way as it may.',
    ),
    exportsWaiting: new Gauge(
      'analytics_files_waiting',
      'Requests for files waiting because their tenant has one under way.',
    ),
    unreadResponseBytes: new Gauge(
      'analytics_unread_response_bytes',
      'Bytes of large responses that are held until their clients have read them.',
    ),
    eventLoopDelaySeconds: new Histogram(
      'analytics_event_loop_delay_seconds',
      'Seconds by which a timer came late because the event loop was held, measured ten times a second.',
      EVENT_LOOP_SECONDS,
    ),
    liveClients: new Gauge('analytics_live_clients', 'Clients of live streams.'),
    liveMessages: new Counter('analytics_live_messages_total', 'Messages given to clients of live streams, by event.', {
      event: LIVE_EVENTS,
    }),
    liveResyncs: new Counter('analytics_live_resyncs_total', 'Clients of live streams told to start over, by reason.', {
      reason: RESYNC_REASONS,
    }),
    queriesWaiting: new Gauge('analytics_queries_waiting', 'Dashboard queries waiting for a connection.'),
    unexpectedErrors: new Counter(
      'analytics_unexpected_errors_total',
      'Exceptions that no code was written to expect, by the place that caught them. Anything but 0 is a defect.',
      { where: UNEXPECTED_ERROR_PLACES },
    ),
    actorsAlive: new Gauge('analytics_actors_alive', 'Tenant actors alive.'),
    actorRestarts: new Counter('analytics_actor_restarts_total', 'Tenant actors restarted after a failure.'),
  }
}

export type ServiceMetrics = ReturnType<typeof createServiceMetrics>

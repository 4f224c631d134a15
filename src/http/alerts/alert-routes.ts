/** The routes of alert rules. */
import { Elysia } from 'elysia'
import { ALERT_PRESETS } from '../../alerts/presets.ts'
import { AlertRuleSchema } from '../../alerts/rules/rule-schema.ts'
import { responsesToBody } from '../dashboards/dashboard-responses.ts'
import { NoParameters } from '../drill-down/search-requests.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { authorizedFor, sendDefinition } from '../definitions/definition-requests.ts'
import {
  changingResponses,
  creatingResponses,
  readingResponses,
  removingResponses,
} from '../definitions/definition-responses.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'
import { ROUTES } from '../routes.ts'
import { AlertData, AlertListData, AlertPath } from './alert-data.ts'
import { AlertHistoryData, BacktestData, HistoryParameters, PresetsData } from './history-data.ts'
import { ALERTS, type AlertServices } from './serve-alerts.ts'
import { BacktestRequest, serveBacktest } from './serve-backtest.ts'
import { serveHistory } from './serve-history.ts'
import { serveSnooze, SnoozeRequest } from './serve-snooze.ts'

const TAGS = ['Alerts']

/** The responses are made as bytes: their types are those of the schemas. */
export const alertRoutes = (services: AlertServices) =>
  new Elysia()
    .get(ROUTES.alerts.path, (context) => ALERTS.list(context, services) as never, {
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(AlertListData),
      detail: {
        operationId: 'alerts',
        tags: TAGS,
        summary: 'Alert rules',
        description: 'The alert rules of the tenant with their states. Secrets of webhooks are never returned.',
      },
    })
    .post(ROUTES.alerts.path, (context) => ALERTS.create(context, services) as never, {
      parse: 'none',
      body: AlertRuleSchema,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(AlertRuleSchema, ROUTES.alerts.changeAccess)],
      response: creatingResponses(AlertData),
      detail: {
        operationId: 'createAlert',
        tags: TAGS,
        summary: 'Save an alert rule',
        description:
          'Stores a rule. While it is enabled, each complete bucket is judged once when it has settled, beginning with the newest one. A tenant may have 500 rules. Needs `analytics:write`.',
      },
    })
    .get(
      ROUTES.alertPresets.path,
      (context) => {
        const authorization = authorizedFor(context.request, ROUTES.alertPresets.access)
        return sendDefinition(context, services, authorization, ALERT_PRESETS) as never
      },
      {
        query: NoParameters,
        transform: strictQuery(NoParameters),
        response: readingResponses(PresetsData),
        detail: {
          operationId: 'alertPresets',
          tags: TAGS,
          summary: 'Presets of alert rules',
          description: 'Rules that can be saved as they are; a client adds who is told.',
        },
      },
    )
    .post(ROUTES.alertBacktest.path, (context) => serveBacktest(context, services) as never, {
      parse: 'none',
      body: BacktestRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(BacktestRequest, ROUTES.alertBacktest.access)],
      response: responsesToBody(BacktestData),
      detail: {
        operationId: 'alertBacktest',
        tags: TAGS,
        summary: 'Back-test of an alert rule',
        description:
          'The changes of state that a rule would have had in a range, by the code that evaluates rules, beginning in the state normal. At most 5,000 buckets, and 200,000 verdicts of all series. Values include events that arrived after a bucket had settled.',
      },
    })
    .get(ROUTES.alert.path, (context) => ALERTS.read(context, services) as never, {
      params: AlertPath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(AlertData),
      detail: {
        operationId: 'alert',
        tags: TAGS,
        summary: 'One alert rule',
        description: 'A rule with the state of each series. The header `ETag` names this version of it.',
      },
    })
    .put(ROUTES.alert.path, (context) => ALERTS.replace(context, services) as never, {
      parse: 'none',
      params: AlertPath,
      body: AlertRuleSchema,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(AlertRuleSchema, ROUTES.alert.changeAccess)],
      response: changingResponses(AlertData),
      detail: {
        operationId: 'changeAlert',
        tags: TAGS,
        summary: 'Change an alert rule',
        description:
          'Stores the next version of a rule. The header `If-Match` has to name the version that it replaces. A webhook without a secret keeps its stored one. The states begin anew when the rule judges something else, or is enabled again. Needs `analytics:write`.',
      },
    })
    .delete(ROUTES.alert.path, (context) => ALERTS.remove(context, services) as never, {
      params: AlertPath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: removingResponses(),
      detail: {
        operationId: 'removeAlert',
        tags: TAGS,
        summary: 'Remove an alert rule',
        description:
          'Removes a rule with its history. The header `If-Match` has to name its version. Needs `analytics:write`.',
      },
    })
    .get(ROUTES.alertHistory.path, (context) => serveHistory(context, services) as never, {
      params: AlertPath,
      query: HistoryParameters,
      transform: strictQuery(HistoryParameters),
      response: readingResponses(AlertHistoryData),
      detail: {
        operationId: 'alertHistory',
        tags: TAGS,
        summary: 'History of an alert rule',
        description: 'The changes of state of a rule with who was told about each, the newest first.',
      },
    })
    .post(ROUTES.alertSnooze.path, (context) => serveSnooze(context, services) as never, {
      parse: 'none',
      params: AlertPath,
      body: SnoozeRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(SnoozeRequest, ROUTES.alertSnooze.access)],
      response: { ...responsesToBody(AlertData), 404: ErrorResponse },
      detail: {
        operationId: 'snoozeAlert',
        tags: TAGS,
        summary: 'Snooze an alert rule',
        description:
          'Nobody is told about a rule until an instant; it is judged all the same. Needs `analytics:write`.',
      },
    })

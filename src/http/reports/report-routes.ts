/** The routes of saved reports. */
import { Elysia } from 'elysia'
import { ReportRequest } from '../../reports/report.ts'
import { NoParameters } from '../drill-down/search-requests.ts'
import { strictBody } from '../pipeline/json-body.ts'
import { strictQuery } from '../pipeline/strict-query.ts'
import { ROUTES } from '../routes.ts'
import {
  changingResponses,
  creatingResponses,
  readingResponses,
  removingResponses,
} from '../definitions/definition-responses.ts'
import { ReportData, ReportListData, ReportPath, ReportVersionsData, RunData, RunParameters } from './report-data.ts'
import { serveRun } from './serve-run.ts'
import { REPORTS, type ReportServices, serveReportVersions } from './serve-reports.ts'

const TAGS = ['Reports']

/** The responses are made as bytes: their types are those of the schemas. */
export const reportRoutes = (services: ReportServices) =>
  new Elysia()
    .get(ROUTES.reports.path, (context) => REPORTS.list(context, services) as never, {
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(ReportListData),
      detail: {
        operationId: 'reports',
        tags: TAGS,
        summary: 'Saved reports',
        description: 'The reports of the tenant, without the requests of their blocks.',
      },
    })
    .post(ROUTES.reports.path, (context) => REPORTS.create(context, services) as never, {
      parse: 'none',
      body: ReportRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(ReportRequest, ROUTES.reports.changeAccess)],
      response: creatingResponses(ReportData),
      detail: {
        operationId: 'createReport',
        tags: TAGS,
        summary: 'Save a report',
        description:
          'Stores a report of up to 12 blocks. The request of each block is checked as by its own endpoint; the paths of mistakes are `blocks[i]…`. A tenant may have 500 reports. Needs `analytics:write`.',
      },
    })
    .get(ROUTES.report.path, (context) => REPORTS.read(context, services) as never, {
      params: ReportPath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(ReportData),
      detail: {
        operationId: 'report',
        tags: TAGS,
        summary: 'One report',
        description: 'A report with its blocks. The header `ETag` names this version of it.',
      },
    })
    .put(ROUTES.report.path, (context) => REPORTS.replace(context, services) as never, {
      parse: 'none',
      params: ReportPath,
      body: ReportRequest,
      query: NoParameters,
      transform: [strictQuery(NoParameters), strictBody(ReportRequest, ROUTES.report.changeAccess)],
      response: changingResponses(ReportData),
      detail: {
        operationId: 'changeReport',
        tags: TAGS,
        summary: 'Change a report',
        description:
          'Stores the next version of a report. The header `If-Match` has to name the version that it replaces; the versions before are kept. Needs `analytics:write`.',
      },
    })
    .delete(ROUTES.report.path, (context) => REPORTS.remove(context, services) as never, {
      params: ReportPath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: removingResponses(),
      detail: {
        operationId: 'removeReport',
        tags: TAGS,
        summary: 'Remove a report',
        description:
          'Removes a report with its versions. The header `If-Match` has to name its version. A report that schedules send is not removed. Needs `analytics:write`.',
      },
    })
    .get(ROUTES.reportVersions.path, (context) => serveReportVersions(context, services) as never, {
      params: ReportPath,
      query: NoParameters,
      transform: strictQuery(NoParameters),
      response: readingResponses(ReportVersionsData),
      detail: {
        operationId: 'reportVersions',
        tags: TAGS,
        summary: 'Versions of a report',
        description: 'The last 50 versions of a report, the newest first.',
      },
    })
    .get(ROUTES.reportRun.path, (context) => serveRun(context, services) as never, {
      params: ReportPath,
      query: RunParameters,
      transform: strictQuery(RunParameters),
      response: readingResponses(RunData),
      detail: {
        operationId: 'runReport',
        tags: TAGS,
        summary: 'Run a report',
        description:
          'What the blocks of a report show now: the data of their requests. As CSV the tables of the blocks one after another, or of one `block`; as a workbook a sheet for each block. Files need `analytics:export` too.',
      },
    })

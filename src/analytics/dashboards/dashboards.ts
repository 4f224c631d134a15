import type { Static } from '@sinclair/typebox'
import type { AnyDashboard } from '../define-dashboard.ts'
import { campaigns } from './campaigns.ts'
import { messages } from './messages.ts'
import { overview } from './overview.ts'
import { sequences } from './sequences.ts'
import { templates } from './templates.ts'
import { traffic } from './traffic.ts'
import { workflows } from './workflows.ts'

/** All dashboards, each under its name, in the order of the API document. Routes, files, the document and the controls of the page come from here. */
export const DASHBOARDS = { overview, messages, campaigns, workflows, sequences, templates, traffic }

export type Dashboards = typeof DASHBOARDS
export type DashboardName = keyof Dashboards

/** The data of a dashboard in a JSON response: with the cursor of the next page where the dashboard has lists. */
export type DataOf<Name extends DashboardName> = Static<Dashboards[Name]['responseData']>

export const DASHBOARD_NAMES = Object.keys(DASHBOARDS) as DashboardName[]
/** The same list for code that treats all dashboards alike. */
export const ALL_DASHBOARDS: readonly AnyDashboard[] = Object.values(DASHBOARDS)

/**
 * Simulated producers: a seed (through `DataSet` and `Random`) and instants in, one event per call out. Reads no clock and no environment: the same seeds and instants give
 * the same events.
 */
import { startCampaign } from './scenarios/campaign.ts'
import { startContactChange } from './scenarios/contact.ts'
import type { SimulatedEvent } from './simulated-event.ts'
import { startMessage } from './scenarios/message.ts'
import type { Random } from './random.ts'
import { ScenarioContext } from './scenarios/scenario-context.ts'
import type { ScenarioStart, DelayScale } from './scenarios/scenario-context.ts'
import { startEnrollment } from './scenarios/sequence.ts'
import { Timeline } from './timeline.ts'
import { startWorkflowRun } from './scenarios/workflow.ts'
import type { DataSet } from './data-set.ts'

interface ScenarioKind {
  /** The share of all events that belong to scenarios of this kind. */
  readonly share: number
  readonly start: (context: ScenarioContext, at: number, maxRecipients: number) => ScenarioStart
}

const SCENARIO_KINDS: readonly ScenarioKind[] = [
  { share: 0.42, start: startCampaign },
  { share: 0.2, start: startMessage },
  { share: 0.16, start: startWorkflowRun },
  { share: 0.17, start: startEnrollment },
  { share: 0.05, start: startContactChange },
]

export interface SimulationOptions {
  readonly dataSet: DataSet
  readonly random: Random
  readonly scaleDelay: DelayScale
  /** The size of the largest campaign. Few events need a small one, or all of them would belong to one campaign. */
  readonly maxRecipients: number
}

/** The running scenarios, and the kind of scenario to start next, so that each kind keeps its share of the events. */
export class Simulation {
  private readonly options: SimulationOptions
  private readonly timeline = new Timeline<SimulatedEvent>()
  /** By kind: the number of events of all kinds at which its next scenario starts. */
  private readonly startPoints: number[]

  constructor(options: SimulationOptions) {
    this.options = options
    this.startPoints = SCENARIO_KINDS.map(({ share }) => (10 / share) * options.random.fraction())
  }

  /** The due time of the next event of the running scenarios; Infinity when there is none. */
  get nextDueAt(): number {
    return this.timeline.nextDueAt
  }

  /** The number of events at which the next scenario starts. */
  get nextStartPoint(): number {
    return Math.min(...this.startPoints)
  }

  /** Continues the scenario that is due first, at `at`. Undefined when that scenario has ended. */
  continueScenario(at: number): SimulatedEvent | undefined {
    return this.timeline.takeNext()?.(at)
  }

  /** Starts a scenario of the next kind, for a tenant picked by size. */
  startScenario(at: number): SimulatedEvent {
    const { maxRecipients, scaleDelay, random, dataSet } = this.options
    const position = this.startPoints.indexOf(this.nextStartPoint)
    const kind = SCENARIO_KINDS[position]
    if (!kind) throw new RangeError('there is no kind of scenario')
    const { firstEvent, expectedEvents } = kind.start(
      new ScenarioContext(dataSet.pickTenant(random), random, scaleDelay, this.timeline),
      at,
      maxRecipients,
    )
    const stepForward = (expectedEvents / kind.share) * random.between(0.5, 1.5)
    this.startPoints[position] = (this.startPoints[position] ?? 0) + stepForward
    return firstEvent
  }
}

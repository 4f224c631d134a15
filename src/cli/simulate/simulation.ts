/**
 * Made-up but life-like producers. In go a seed (through `World` and `Random`) and instants; out come events, one for each call.
 * Imports nothing outside this folder, reads no clock and no environment: the same seeds and instants give the same events.
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
  /** Share of all events that stories of this kind come to. */
  readonly share: number
  readonly start: (scene: ScenarioContext, at: number, maxRecipients: number) => ScenarioStart
}

const scenarioKinds: readonly ScenarioKind[] = [
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
  /** Size of the biggest campaign; small when few events are wanted, or one campaign would be all there is to see. */
  readonly maxRecipients: number
}

/** Stories under way, and which kind of story is due to start next so that each keeps its share of the events. */
export class Simulation {
  private readonly options: SimulationOptions
  private readonly timeline = new Timeline<SimulatedEvent>()
  /** For each kind the number of events of all kinds at which its next story starts. */
  private readonly startPoints: number[]

  constructor(options: SimulationOptions) {
    this.options = options
    this.startPoints = scenarioKinds.map(({ share }) => (10 / share) * options.random.fraction())
  }

  /** When the next event of the stories under way is due; Infinity when there is none. */
  get nextDueAt(): number {
    return this.timeline.nextDueAt
  }

  /** How many events the world should come to when the next story starts. */
  get nextStartPoint(): number {
    return Math.min(...this.startPoints)
  }

  /** Goes on with the story that is due first, at `at`. Undefined when that story was over. */
  continueScenario(at: number): SimulatedEvent | undefined {
    return this.timeline.takeNext()?.(at)
  }

  /** Starts a story of the kind whose turn it is, for a tenant picked by size. */
  startScenario(at: number): SimulatedEvent {
    const { maxRecipients, scaleDelay, random, dataSet } = this.options
    const position = this.startPoints.indexOf(this.nextStartPoint)
    const kind = scenarioKinds[position]
    if (!kind) throw new RangeError('no kind of story is left')
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

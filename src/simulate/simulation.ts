/**
 * Made-up but life-like producers. In go a seed (through `World` and `Random`) and instants; out come events, one for each call.
 * Imports nothing outside this folder, reads no clock and no environment: the same seeds and instants give the same events.
 */
import { startCampaign } from './campaign-story.ts'
import { startContactChange } from './contact-story.ts'
import type { SimulatedEvent } from './event.ts'
import { startMessage } from './message-story.ts'
import type { Random } from './random.ts'
import { Scene } from './scene.ts'
import type { Opening, Pace } from './scene.ts'
import { startEnrollment } from './sequence-story.ts'
import { Timeline } from './timeline.ts'
import { startWorkflowRun } from './workflow-story.ts'
import type { World } from './world.ts'

interface StoryKind {
  /** Share of all events that stories of this kind come to. */
  readonly share: number
  readonly start: (scene: Scene, at: number, maxRecipients: number) => Opening
}

const storyKinds: readonly StoryKind[] = [
  { share: 0.42, start: startCampaign },
  { share: 0.2, start: startMessage },
  { share: 0.16, start: startWorkflowRun },
  { share: 0.17, start: startEnrollment },
  { share: 0.05, start: startContactChange },
]

export interface SimulationOptions {
  readonly world: World
  readonly random: Random
  readonly pace: Pace
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
    this.startPoints = storyKinds.map(({ share }) => (10 / share) * options.random.fraction())
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
  continueStory(at: number): SimulatedEvent | undefined {
    return this.timeline.take()?.(at)
  }

  /** Starts a story of the kind whose turn it is, for a tenant picked by size. */
  startStory(at: number): SimulatedEvent {
    const { maxRecipients, pace, random, world } = this.options
    const position = this.startPoints.indexOf(this.nextStartPoint)
    const kind = storyKinds[position]
    if (!kind) throw new RangeError('no kind of story is left')
    const { event, expectedEvents } = kind.start(
      new Scene(world.pickTenant(random), random, pace, this.timeline),
      at,
      maxRecipients,
    )
    const stepForward = (expectedEvents / kind.share) * random.between(0.5, 1.5)
    this.startPoints[position] = (this.startPoints[position] ?? 0) + stepForward
    return event
  }
}

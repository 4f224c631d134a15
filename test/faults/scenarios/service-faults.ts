/** What befalls the service itself. */
import type { FaultContext } from '../context.ts'
import type { Scenario } from '../scenario.ts'

const MAX_KILLS = 12

/** Twelve times, or once a second in a shorter run. */
async function killRepeatedly(context: FaultContext, seconds: number): Promise<void> {
  const kills = Math.min(MAX_KILLS, Math.ceil(seconds))
  for (let kill = 0; kill < kills; kill++) {
    // A service that is killed before it is at work has nothing to lose.
    await context.service.ready()
    await Bun.sleep((seconds * 1_000 * (0.5 + context.chance.next())) / kills)
    await context.service.kill()
    context.note('service killed')
    await context.service.start()
  }
}

export const SERVICE_FAULTS: readonly Scenario[] = [
  {
    name: 'service-killed',
    guarantee: 'killed up to twelve times under load, it stores every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 4_000,
    run: killRepeatedly,
  },
  {
    name: 'service-killed-server',
    guarantee: 'killed up to twelve times under load before a server, it stores every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 3_000,
    run: killRepeatedly,
  },
  {
    name: 'service-killed-deno',
    guarantee: 'on Deno, killed up to twelve times under load, it stores every event once',
    store: 'embedded',
    runtime: 'deno',
    control: 'without-index',
    rate: 2_000,
    run: killRepeatedly,
  },
  {
    name: 'service-stopped',
    guarantee: 'stopped by signal under load, once and by two signals, it ends well and stores every event once',
    store: 'embedded',
    control: 'early-acknowledgement',
    rate: 4_000,
    async run(context, seconds) {
      for (let stop = 0; stop < 6; stop++) {
        await context.service.ready()
        await Bun.sleep((seconds * 1_000) / 6)
        if (stop % 2 === 1) context.service.signal('SIGTERM')
        await context.service.stop()
        context.note('service stopped')
        await context.service.start()
      }
      // The control needs an end in the middle of work, that leaves something over.
      await context.service.ready()
      await Bun.sleep(700)
      await context.service.kill()
      context.note('service killed')
    },
  },
  {
    name: 'service-paused',
    guarantee: 'paused for longer than the broker’s patience for a heartbeat, it goes on',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    async run(context, seconds) {
      await Bun.sleep(1_000)
      context.service.signal('SIGSTOP')
      context.note('service paused')
      await Bun.sleep(seconds * 1_000)
      context.service.signal('SIGCONT')
      await Bun.sleep(2_000)
      await context.service.kill()
      context.note('service killed')
    },
  },
]
